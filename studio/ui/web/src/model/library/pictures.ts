import { exact, sentence, t } from "@studio";
import { shownColours } from "../canvas/colours";
import { picture } from "../canvas/picture";
import { png } from "../canvas/pixels";
import { boxes, wires } from "../canvas/view";
import { refused, settled } from "../edits";
import { network } from "../state";
import { say } from "./draft";
import { download, fileName } from "./files";

/** Downloads the canvas as it is shown: a drawing to be scaled at will, or pixels at twice its size. */
export async function exportPicture(format: "svg" | "png"): Promise<void> {
  refused.value = null;
  try {
    await settled();
    const name = network.value?.graph?.name ?? "";
    const drawn = picture(boxes.value, wires.value, shownColours(boxes.value.map(({ data }) => data.category)), name);
    if (format === "svg") return download(new Blob([drawn.svg], { type: "image/svg+xml" }), `${fileName(name)}.svg`);
    const { content, isReduced, width, height } = await png(drawn);
    download(content, `${fileName(name)}.png`);
    if (isReduced) say(t("graphs.picture.reduced", { width: exact(width), height: exact(height) }));
  } catch (error) {
    refused.value = sentence(error);
  }
}
