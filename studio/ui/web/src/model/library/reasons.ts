import { fill, native } from "@studio";

/**
 * What the import of a network says of layers and weights, in the language of the page.
 *
 * It stands behind their names, which may hold anything that a file can: they stay as they are, and only the rest is looked up.
 */

type Say = (text: string) => string;

const LAYER = "{layer} ({kind}): {problem}";
const INSIDE = "the {kind} inside: {problem}";

function reason(text: string, say: Say): string {
  const [, kind, problem] = /^the (\S+) inside: ([^]+)$/.exec(text) ?? [];
  return kind && problem ? fill(say(INSIDE), { kind, problem: reason(problem, say) }) : say(text);
}

function ofLayer(line: string, say: Say): string {
  const [, layer, kind = "", problem] = /^(.+?) \(([\w.>]*)\): ([^]+)$/.exec(line) ?? [];
  return layer && problem ? fill(say(LAYER), { layer, kind, problem: reason(problem, say) }) : say(line);
}

/** Why a network was not taken: a line for each layer that stands against it ("conv1 (Conv2D): ..."), or one for the file. */
export const refusal = (text: string, say: Say = native): string =>
  text
    .split("\n")
    .map((line) => ofLayer(line, say))
    .join("\n");

/** A line of the report: what is said of some layers ("conv1, conv2 and 3 more: ..."), or of a weight. */
export function remark(text: string, say: Say = native): string {
  const [, names, rest] = /^(.+?)(: [^]+)$/.exec(text) ?? [];
  if (!names || !rest) return say(text);
  const node = "x"; // in place of the names: what is said of a node is known
  return (names.includes(" ") ? say(names) : names) + say(node + rest).slice(node.length);
}
