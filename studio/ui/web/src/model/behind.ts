import { chosen, network, selected } from "./state";

/** The node behind which a block goes when none is chosen: the last one whose output nobody takes. */
export function lastNode(): string | null {
  const nodes = network.value?.graph?.nodes ?? {};
  const taken = new Set(Object.values(nodes).flatMap((document) => (document.inputs ?? []).map((reference) => reference.split(":")[0])));
  const open = Object.keys(nodes).filter((id) => !taken.has(id) && nodes[id]?.block !== "Output");
  return open.at(-1) ?? null;
}

/** The node behind which a block from a list goes. */
export const behindNow = (): string | null => selected.value ?? [...chosen.value].at(-1) ?? lastNode();
