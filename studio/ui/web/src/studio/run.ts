import { signal } from "@preact/signals";
import { parameter } from "./drafts";

/** The run that this page shows (`?run=NAME`), or null. */
export const shownRun = signal<string | null>(parameter("run"));
