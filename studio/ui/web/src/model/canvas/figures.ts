import type { Message } from "../graph";

/** The worst severity among findings; undefined where there are none. */
export function worst(messages: Message[]): Message["severity"] | undefined {
  return (["error", "warning", "hint"] as const).find((severity) => messages.some((message) => message.severity === severity));
}

/** The part of a whole, 0 to 1, in steps of a hundredth: an edit that changes one node must not draw all others anew. */
export const share = (part: number, whole: number | undefined): number => (whole ? Math.min(1, Math.ceil((100 * part) / whole) / 100) : 0);

/** Findings by the node that shows them: a node inside a closed composite is shown by that. */
export function byShownNode(messages: Message[], shown: (path: string) => boolean): Map<string, Message[]> {
  const found = new Map<string, Message[]>();
  for (const message of messages) {
    let path = message.node;
    while (path && !shown(path)) path = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
    if (!path) continue;
    found.set(path, [...(found.get(path) ?? []), message]);
  }
  return found;
}
