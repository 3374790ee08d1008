import type { Message } from "./graph";
import type { BlockForm } from "./state";

/** What the server said of the parameters of a node, by name; a sentence about a block within goes with the field that holds it. */
export function fieldProblems(messages: Message[], path: string, block: string): Record<string, string> {
  const found: Record<string, string> = {};
  let name = "";
  for (const line of messages.filter((message) => message.node === path).flatMap((message) => message.text.split("\n"))) {
    const match = /^(\w+): invalid (\w+)\. (.*)$/.exec(line);
    if (match?.[1] === block && match[2] && match[3]) found[(name = match[2])] = match[3];
    else if (name) found[name] += `\n${line}`;
  }
  return found;
}

/** The findings about a node that no field of its form shows. */
export function otherProblems(messages: Message[], path: string, block: string, form: BlockForm | undefined): Message[] {
  const fields = new Set(form?.fields.map((field) => field.name));
  return messages.filter((message) => {
    if (message.node !== path) return false;
    const named = Object.keys(fieldProblems([message], path, block));
    return named.length === 0 || named.some((name) => !fields.has(name));
  });
}
