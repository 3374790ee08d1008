/** The class that gives a block family its one colour, on drawings and in tables. */
export const familyClass = (category: string | undefined): string => `s-family-${(category || "other").replace(/[^a-z]+/g, "-")}`;
