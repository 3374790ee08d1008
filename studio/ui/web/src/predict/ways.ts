import type { InputForm } from "./types";

export type Way = "draw" | "picture" | "record" | "sound" | "series" | "row" | "table" | "array" | "text" | "several" | "samples";

/** The ways to ask a network, the handiest first. */
export function waysOf(form: InputForm): Way[] {
  const own: Way[] = form.kind === "image" ? (form.drawing ? ["draw", "picture"] : ["picture"]) : form.kind === "columns" ? ["row", "table"] : form.kind === "text" ? ["text", "table"] : form.kind === "sound" ? ["record", "sound"] : form.kind === "series" ? (form.series === "arrays" ? [] : ["series"]) : form.kind === "several" ? ["several", "table"] : form.kind === "array" ? ["array"] : [];
  return form.dataset ? [...own, "samples"] : own;
}
