import en from "../../../words/en.json";
import zh from "../../../words/zh-CN.json";
import { translator } from "./translate";

export type Word = keyof typeof en;
export type Language = "en" | "zh-CN";

const catalogues: Record<Language, Record<string, string>> = { en, "zh-CN": zh };

export const languages: { code: Language; name: string }[] = [
  { code: "en", name: "English" },
  { code: "zh-CN", name: "简体中文" },
];

/** The language of this page; it changes only with a reload. */
export const language: Language = document.documentElement.lang === "zh-CN" ? "zh-CN" : "en";

/** Puts values into the named places of a text: `fill("{count} runs", {count: 3})`. */
export function fill(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** A word or sentence of the catalogue, in the language of the page. */
export function t(key: Word, values?: Record<string, string | number>): string {
  return fill(catalogues[language][key] ?? en[key], values);
}

/** The catalogue's text for a key that is made at run time (`field.` + name), or the fallback. */
export function tOr(key: string, fallback: string, values?: Record<string, string | number>): string {
  return fill(catalogues[language][key] ?? fallback, values);
}

/** What the server says in English (names and help of parameters, reasons, problems) in the language of the page. */
export const native: (text: string) => string = language === "en" ? (text) => text : translator((await import("@declarations")).default);
