import { signal } from "@preact/signals";
import { address, ApiError, sentence, t } from "@studio";
import { refused } from "../edits";
import type { GraphDocument } from "../graph";
import { dataset } from "../state";
import { currentGraph, say, said, takeGraph } from "./draft";
import { packed } from "./pack";
import { refusal } from "./reasons";
import type { Imported } from "./types";

/** Networks from files and to files. */

const TEXTS = [".json", ".yaml", ".yml"];
const MODELS = [".keras"];
export const ACCEPTED = [...TEXTS, ...MODELS, "application/json"].join(",");
const MOST_TEXT_BYTES = 20_000_000;

/** What a file of another program brought, to be shown. */
export const report = signal<(Imported & { file: string }) | null>(null);
/** A link that could not be put into the clipboard, to be copied by hand. */
export const shownLink = signal<string | null>(null);

const ending = (name: string): string => (/\.[^.]+$/.exec(name.toLowerCase()) ?? [""])[0];

/** A model of Keras as JSON, which is no document of ours: `model.to_json()`. */
async function isConfiguration(file: File): Promise<boolean> {
  if (ending(file.name) !== ".json") return false;
  try {
    const values = JSON.parse(await file.text()) as unknown;
    return typeof values === "object" && values !== null && "class_name" in values && "config" in values && !("nodes" in values);
  } catch {
    return false; // the server says what is wrong with it
  }
}

async function sent<T>(path: string, file: File): Promise<T> {
  const response = await fetch(address(path), { method: "POST", body: file }).catch(() => null);
  if (!response) throw new ApiError(t("draft.lost"), 0);
  const answer = (await response.json().catch(() => ({}))) as { error?: string };
  if (!response.ok) throw new ApiError(answer.error ?? t("model.upload.refused", { status: response.status }), response.status);
  return answer as T;
}

/** Gives the draft the network of a file, in one step. What can't be read is said in one sentence. */
export async function takeFile(file: File): Promise<void> {
  refused.value = null;
  const name = encodeURIComponent(file.name);
  const kind = ending(file.name);
  try {
    if (![...TEXTS, ...MODELS].includes(kind)) throw new Error(t("graphs.import.ending", { name: file.name }));
    if (TEXTS.includes(kind) && file.size > MOST_TEXT_BYTES) throw new Error(t("graphs.import.large", { name: file.name }));
    say(t("graphs.import.reading", { name: file.name }));
    if (MODELS.includes(kind) || (await isConfiguration(file))) {
      const found = await sent<Imported>(`api/model/import?name=${name}`, file);
      if (await takeGraph(found.graph)) report.value = { ...found, file: file.name };
    } else {
      const found = await sent<{ graph: GraphDocument }>(`api/graphs/read?name=${name}&dataset=${encodeURIComponent(dataset.value)}`, file);
      await takeGraph(found.graph);
    }
  } catch (error) {
    refused.value = refusal(error instanceof Error ? error.message : String(error));
  }
  if (said.value?.text === t("graphs.import.reading", { name: file.name })) said.value = null;
}

/** A file name for a network, as the server makes it. */
export function fileName(name: string): string {
  const kept = name
    .trim()
    .replace(/[^\p{L}\p{N}_.-]+/gu, "-")
    .replace(/^[-._]+/, "");
  return [...kept].slice(0, 60).join("").replace(/[-._]+$/, "") || "network";
}

/** Has the browser keep something as a file. */
export function download(content: Blob, name: string): void {
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(content);
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 60_000); // the browser reads it after the click
}

/** Does what makes a file or a link; why it could not is said. */
async function doing(make: () => Promise<void>): Promise<void> {
  refused.value = null;
  try {
    await make();
  } catch (error) {
    refused.value = sentence(error);
  }
}

/** Downloads the draft's network as JSON or YAML. */
export const exportText = (format: "json" | "yaml"): Promise<void> =>
  doing(async () => {
    const graph = await currentGraph();
    const response = await fetch(address("api/graphs/text"), { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ graph, format }) }).catch(() => null);
    if (!response) throw new ApiError(t("draft.lost"), 0);
    if (!response.ok) throw new ApiError(String(((await response.json().catch(() => ({}))) as { error?: string }).error ?? response.status), response.status);
    download(await response.blob(), `${fileName(graph.name)}.${format}`);
  });

/** Puts a link that carries the whole network into the clipboard, or shows it where that is not allowed. */
export const copyLink = (): Promise<void> =>
  doing(async () => {
    const link = `${new URL(address("model"), location.origin)}#graph=${await packed(await currentGraph())}`;
    const isCopied = await (navigator.clipboard?.writeText(link) ?? Promise.reject()).then(
      () => true,
      () => false,
    );
    if (isCopied) say(t("graphs.link.copied"));
    else shownLink.value = link;
  });
