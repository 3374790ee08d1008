import type { Edit } from "../edits";
import { network } from "../state";
import { scene } from "./view";

/** An edit that keeps the nodes of a level where they stand, when one of them is put elsewhere by hand; none if all were put there before. */
export function keepPlaces(place: string): Edit[] {
  const known = network.value?.graph?.layout ?? {};
  const loose = scene.value.boxes.filter((box) => box.place === place && known[box.path] === undefined);
  return loose.length === 0 ? [] : [{ do: "move", positions: Object.fromEntries(loose.map((box) => [box.path, [Math.round(box.at.x), Math.round(box.at.y)]])) }];
}
