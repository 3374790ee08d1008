import { post } from "./api";
import type { Fields, Json } from "./drafts";

/** One difference of two networks, with the server's sentence about it. */
export interface Difference {
  kind: string;
  node: string;
  field: string;
  old: Json;
  new: Json;
  sentence: string;
}

/** What was changed from one network to another; each is a document, or `{name, version}` of a saved one. */
export async function compare(old: object, now: object): Promise<Difference[]> {
  return (await post<{ differences: Difference[] }>("api/graphs/differences", { old, new: now })).differences;
}

/** What was changed from their network to ours: none where both are equal, null where one of them can't be made. */
export async function graphDifferences(mine: Fields, theirs: Fields): Promise<Difference[] | null> {
  if (JSON.stringify(mine.graph ?? null) === JSON.stringify(theirs.graph ?? null)) return [];
  const [old, now] = [await documentOf(theirs), await documentOf(mine)];
  return old && now ? compare(old, now) : null;
}

/** The network of a recipe as a document; one that a preset or the data choose is made first. */
async function documentOf({ dataset, graph = null }: Fields): Promise<object | null> {
  if (graph !== null && typeof graph === "object" && !("preset" in graph) && !("file" in graph)) return graph;
  return (await post<{ graph: object | null }>("api/model/network?wait=0", { ...(dataset ? { dataset } : {}), graph })).graph;
}
