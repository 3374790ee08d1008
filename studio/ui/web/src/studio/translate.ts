/** English sentences with {places} for values, and what they are in another language. */
export type Catalogue = Record<string, string>;

interface Pattern {
  expression: RegExp;
  places: string[];
  text: string;
}

/** Places of names that people give: a module may be called like a word that the catalogue knows. */
const GIVEN = new Set(["module"]);

const own = (english: string): string => english.replace(/\{\w+\}/g, "");
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function pattern(english: string, text: string): Pattern {
  const places: string[] = [];
  const parts = english.split(/\{(\w+)\}/);
  const source = parts.map((part, index) => {
    if (index % 2 === 0) return escaped(part);
    places.push(part);
    return part === "count" ? "([\\d,.]+%?)" : "((?:(?![.!?] )[^])+?)"; // a value does not reach into the next sentence
  });
  return { expression: new RegExp(`^${source.join("")}$`), places, text };
}

/**
 * Makes a function that puts the server's English into another language.
 *
 * Tried in turn: the whole text, sentences with values, a node's path or a file's name in front, line by line, sentence by sentence. What the
 * catalogue does not know stays as it is, so that nothing that a person should read is lost.
 */
export function translator(catalogue: Catalogue): (text: string) => string {
  const patterns = Object.entries(catalogue)
    .filter(([english]) => /\{\w+\}/.test(english))
    .sort(([left], [right]) => own(right).length - own(left).length) // what says most itself comes first
    .map(([english, text]) => pattern(english, text));
  const kept = new Map<string, string>();

  const value = (place: string, text: string): string => (GIVEN.has(place) ? text : (whole(text) ?? text));

  const whole = (text: string): string | null => {
    const known = catalogue[text];
    if (known !== undefined) return known;
    for (const { expression, places, text: translated } of patterns) {
      const found = expression.exec(text);
      if (!found) continue;
      const values = Object.fromEntries(places.map((place, index) => [place, value(place, found[index + 1] ?? "")]));
      return translated.replace(/\{(\w+)\}/g, (_, place: string) => values[place] ?? "");
    }
    return null;
  };

  /** The longest known beginning that ends with a sentence, and what follows it. */
  const beginning = (text: string): { said: string; rest: string } | null => {
    const all = whole(text);
    if (all !== null) return { said: all, rest: "" };
    for (const { index } of [...text.matchAll(/[.!?] /g)].reverse()) {
      const said = whole(text.slice(0, index + 1));
      if (said !== null) return { said, rest: text.slice(index + 2) };
    }
    return null;
  };

  const sentences = (text: string): string => {
    const known = beginning(text);
    if (known) return known.said + (known.rest && sentences(known.rest));
    const end = text.search(/[.!?] /);
    return end < 0 ? text : text.slice(0, end + 2) + sentences(text.slice(end + 2));
  };

  const line = (text: string): string => {
    const owner = /^([A-Za-z]\w*(?:\/\w+)*|\S+\.[a-z]{2,7}): ([^]+)$/.exec(text); // a node, or a file
    const reason = owner?.[2];
    return reason && beginning(reason) ? `${owner[1]}：${sentences(reason)}` : sentences(text);
  };

  return (text) => {
    let said = kept.get(text);
    if (said === undefined) {
      said = catalogue[text] ?? text.split("\n").map(line).join("\n");
      kept.set(text, said);
    }
    return said;
  };
}
