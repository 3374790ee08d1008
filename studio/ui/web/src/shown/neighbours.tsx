import { address, Icon, short, t } from "@studio";
import { offer } from "./part";

export interface Neighbour {
  row: number;
  label: string;
  distance: number;
  /** Whether it is of the same class; left out where nobody knows. */
  right?: boolean;
}

export interface Compared {
  distance: number;
  /** Null where nothing tells how far is too far. */
  same: boolean | null;
  threshold: number | null;
  picture: string;
}

/** Where the small picture of a sample comes from. */
export const thumbnail = (dataset: string, row: number): string => address(`api/datasets/${encodeURIComponent(dataset)}/pictures/${row}`);

/** The samples that a network finds most alike, the nearest first. */
function Neighbours({ neighbours, dataset }: { neighbours: Neighbour[]; dataset: string }) {
  return (
    <ol class="s-neighbours" aria-label={t("shown.neighbours")}>
      {neighbours.map((one) => (
        <li key={one.row} class={one.right === undefined ? "" : one.right ? "s-same" : "s-other"}>
          <img class="s-part-picture" src={thumbnail(dataset, one.row)} alt={t("evaluate.picture", { row: one.row })} loading="lazy" decoding="async" />
          <span class="s-neighbour-name" title={one.label}>
            {one.right !== undefined && (
              <span class="s-neighbour-mark" title={t(one.right ? "shown.same" : "shown.other")}>
                <Icon name={one.right ? "check" : "close"} />
              </span>
            )}
            {one.label}
          </span>
          <span class="s-muted s-number" title={t("shown.distance.exact", { value: String(one.distance) })}>
            {short(one.distance)}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Whether two pictures show the same. */
export function Comparison({ compared }: { compared: Compared }) {
  const { same, distance, threshold, picture } = compared;
  return (
    <div class="s-comparison">
      <img class="s-part-picture" src={picture} alt={t("shown.second")} />
      <div>
        {same !== null && <p class="p-label">{t(same ? "shown.comparison.same" : "shown.comparison.different")}</p>}
        <p class="s-number">{t("shown.comparison.distance", { distance: short(distance) })}</p>
        {threshold !== null && <p class="s-muted">{t("shown.comparison.threshold", { threshold: short(threshold) })}</p>}
      </div>
    </div>
  );
}

offer<{ neighbours: Neighbour[]; dataset: string; compared?: Compared | null }>(
  "neighbours",
  ({ part }) => (
    <div class="s-stack">
      {part.compared && <Comparison compared={part.compared} />}
      {part.neighbours.length > 0 && <Neighbours neighbours={part.neighbours} dataset={part.dataset} />}
    </div>
  ),
  true,
);
