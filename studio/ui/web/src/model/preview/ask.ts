import { effect, signal } from "@preact/signals";
import { draft, post, saving, sentence } from "@studio";
import { network } from "../state";
import { inputsOf } from "./numbers";
import { sampleAsked, savedAt, scale, source, view } from "./state";
import { type Shown, START } from "./types";

const EDIT_MILLISECONDS = 250;
const CHOICE_MILLISECONDS = 40;

export interface Asked<T> {
  /** The answer that is shown; the last one while a new one is on its way. */
  answer: T | null;
  problem: string | null;
  busy: boolean;
}

/** Asks one question after the other. What was answered stays until the next answer; an answer that is out of date is dropped. */
export class Asker<T> {
  readonly now = signal<Asked<T>>({ answer: null, problem: null, busy: false });
  #key = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  ask(key: string, delay: number, work: () => Promise<T>): void {
    if (key === this.#key) return;
    this.#key = key;
    clearTimeout(this.#timer);
    this.now.value = { ...this.now.peek(), busy: true };
    this.#timer = setTimeout(() => void this.#put(key, work), delay);
  }

  /** Nobody looks any more: what is on its way is dropped, and the same question would be asked again. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#key = "";
  }

  async #put(key: string, work: () => Promise<T>): Promise<void> {
    let found: Asked<T>;
    try {
      found = { answer: await work(), problem: null, busy: false };
    } catch (error) {
      found = { answer: null, problem: sentence(error), busy: false };
    }
    if (this.#key === key) this.now.value = found;
  }
}

/** What the sample is at the chosen node. */
export const shown = new Asker<Shown>();
/** The sample itself, as it is at the Inputs that the chosen node depends on. */
export const entering = new Asker<Shown[]>();
/** Counts the times that the same question was put again. */
const repeated = signal(0);
let viewed = "";

export function again(): void {
  repeated.value += 1;
}

/** Asks about a node, and again whenever the network, the sample, the weights or the view change; until it is ended. */
export function follow(path: string): () => void {
  if (viewed !== path) view.value = START;
  viewed = path;
  let revision: number | null = null;
  const stop = effect(() => {
    const current = draft.value;
    if (!current || saving.value) return;
    const delay = revision !== null && revision !== current.revision ? EDIT_MILLISECONDS : CHOICE_MILLISECONDS;
    revision = current.revision;
    const common = { draft: current.id, sample: sampleAsked.value, source: source.value };
    const question = { ...common, node: path, scale: scale.value, ...view.value };
    const key = (...parts: unknown[]): string => JSON.stringify([revision, repeated.value, savedAt.value, ...parts]);
    shown.ask(key(question), delay, () => post<Shown>("api/model/preview", question));
    const inputs = inputsOf(network.value?.graph ?? null, path);
    const entries = inputs.map((node) => ({ ...common, source: null, node }));
    entering.ask(key(entries), delay, () => Promise.all(entries.map((entry) => post<Shown>("api/model/preview", entry))));
  });
  // a page or a channel that an edit has taken away is not worth a problem
  const back = effect(() => {
    if (shown.now.value.problem && view.peek() !== START) view.value = START;
  });
  return () => {
    stop();
    back();
    shown.forget();
    entering.forget();
  };
}
