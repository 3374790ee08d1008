import { ago, exact, language, t } from "@studio";

type Counted = "nodes" | "versions" | "uses" | "inputs" | "outputs" | "differences" | "weights";

/** A number with its noun, in the singular where it is one. */
export const counted = (noun: Counted, count: number): string => t(`graphs.count.${noun}${count === 1 ? ".one" : ""}`, { count: exact(count) });

/** When something was saved, for people: "5 min ago". */
export const when = (saved: string): string => ago(Date.parse(saved) / 1000);

/** The exact moment. */
export const moment = (saved: string): string => new Date(saved).toLocaleString(language);
