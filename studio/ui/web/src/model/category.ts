import { native, tOr } from "@studio";

/** A category in the language of the page. */
export const categoryText = (category: string): string => tOr(`category.${category}`, native(category));
