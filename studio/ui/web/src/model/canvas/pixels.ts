import { t } from "@studio";
import type { Picture } from "./picture";

const SCALE = 2;
/** What browsers draw at most: the longest side, and all pixels together. */
const MOST_SIDE = 16_000;
const MOST_PIXELS = 64_000_000;

/** How many pixels a point of the drawing gets: two, or fewer where the whole would be larger than browsers draw. */
export const scaleOf = ({ width, height }: { width: number; height: number }): number =>
  Math.min(SCALE, MOST_SIDE / width, MOST_SIDE / height, Math.sqrt(MOST_PIXELS / (width * height)));

/** A drawing as PNG. Throws an Error with a sentence where the browser can't make it. */
export async function png(drawn: Picture): Promise<{ content: Blob; isReduced: boolean; width: number; height: number }> {
  const scale = scaleOf(drawn);
  const address = URL.createObjectURL(new Blob([drawn.svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(drawn.width * scale));
    canvas.height = Math.max(1, Math.round(drawn.height * scale));
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const content = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    if (!content) throw new Error(t("graphs.picture.failed"));
    return { content, isReduced: scale < SCALE, width: canvas.width, height: canvas.height };
  } catch {
    throw new Error(t("graphs.picture.failed"));
  } finally {
    URL.revokeObjectURL(address);
  }
}
