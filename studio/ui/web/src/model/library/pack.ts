import { exact, t } from "@studio";

/** Networks in links: "1." and base64url of the raw deflate of compact JSON (`studio/library/exchange.py`). */

const VERSION = "1.";
export const LINK_KEY = "#graph=";
const MOST_CHARACTERS = 1_000_000;
const CHUNK = 0x8000;

function base64url(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** A network as it follows `#graph=`. Throws an Error with a sentence where it is too large for an address. */
export async function packed(graph: object): Promise<string> {
  const stream = new Blob([JSON.stringify(graph)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const text = VERSION + base64url(new Uint8Array(await new Response(stream).arrayBuffer()));
  if (text.length > MOST_CHARACTERS) throw new Error(t("graphs.link.large", { count: exact(text.length), most: exact(MOST_CHARACTERS) }));
  return text;
}
