import { bytes, native, t, tOr } from "@studio";
import { network } from "../state";
import { type Sort, SORTS, type Wish } from "./choose";
import { tasks } from "./state";

interface FiltersProps {
  wish: Wish;
  /** How many families of each task there would be. */
  found: Record<string, number>;
  free: number | null;
  onWish: (changed: Partial<Wish>) => void;
}

/** What is looked for, by words, task, dataset and memory, and in which order it is shown. */
export function Filters({ wish, found, free, onWish }: FiltersProps) {
  const whole = Object.values(found).reduce((total, count) => total + count, 0);
  return (
    <div class="s-network-filters">
      <div class="s-network-row">
        <div class="s-field s-network-search">
          <input
            type="text"
            role="searchbox"
            autofocus
            autocomplete="off"
            spellcheck={false}
            aria-label={t("gallery.search")}
            placeholder={t("gallery.search")}
            data-testid="gallery-search"
            value={wish.query}
            onInput={(event) => onWish({ query: event.currentTarget.value })}
          />
        </div>
        <label class="s-network-sort">
          <span class="s-muted">{t("gallery.sort")}</span>
          <select class="s-select" value={wish.sort} onChange={(event) => onWish({ sort: event.currentTarget.value as Sort })}>
            {SORTS.map((sort) => (
              <option key={sort} value={sort}>
                {t(`gallery.sort.${sort}`)}
              </option>
            ))}
          </select>
        </label>
        <label class="s-check">
          <input type="checkbox" checked={wish.fitting} onChange={(event) => onWish({ fitting: event.currentTarget.checked })} />
          {t("gallery.fitting", { dataset: native(network.value?.dataset.title ?? "") })}
        </label>
        <label class="s-check" title={t("gallery.small.help")}>
          <input type="checkbox" checked={wish.small} disabled={free === null} onChange={(event) => onWish({ small: event.currentTarget.checked })} />
          {t("gallery.small", { free: free === null ? "–" : bytes(free) })}
        </label>
      </div>
      <div class="s-network-tasks" role="group" aria-label={t("gallery.tasks")}>
        {["", ...tasks.value].map((task) => (
          <button key={task} type="button" class="s-network-task" aria-pressed={wish.task === task} disabled={task !== "" && !found[task] && wish.task !== task} onClick={() => onWish({ task })}>
            {task === "" ? t("gallery.task.all") : tOr(`gallery.task.${task}`, task)} <span class="s-number s-muted">{task === "" ? whole : (found[task] ?? 0)}</span>
          </button>
        ))}
      </div>
    </div>
  );
}
