import { exact, percent, short, t } from "@studio";
import { useId, useState } from "preact/hooks";
import { plain } from "./numbers";
import { type Details, type Split, SPLITS } from "./state";

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

/** What the three splits look like, in the colours of all charts below. */
function Key() {
  return (
    <div class="s-key" aria-hidden="true">
      {SPLITS.map((split) => (
        <span key={split}>
          <i class={`s-split-${split}`} />
          {t(`data.split.${split}`)}
        </span>
      ))}
    </div>
  );
}

/** How many samples each split has, as one bar. */
export function SplitBar({ splits }: { splits: Record<Split, number> }) {
  const total = sum(SPLITS.map((split) => splits[split] ?? 0)) || 1;
  return (
    <div class="s-splits">
      <div class="s-splitbar" aria-hidden="true">
        {SPLITS.map((split) => (splits[split] ? <div key={split} class={`s-split-${split}`} style={{ flexGrow: splits[split] }} /> : null))}
      </div>
      <ul>
        {SPLITS.map((split) => (
          <li key={split}>
            <i class={`s-split-${split}`} />
            {t(`data.split.${split}`)}{" "}
            <span class="s-number" title={exact(splits[split] ?? 0)}>
              {short(splits[split] ?? 0)}
            </span>{" "}
            <span class="s-muted s-number">{percent((splits[split] ?? 0) / total)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

const FIRST = 20;

/** Samples of each class in each split, as bars with the numbers. */
export function ClassBars({ classes, name }: { classes: Details["figures"]["classes"]; name?: string }) {
  const id = useId();
  const [all, setAll] = useState(false);
  const most = Math.max(1, ...classes.map((each) => sum(SPLITS.map((split) => each[split]))));
  const visible = all ? classes : classes.slice(0, FIRST);
  return (
    <section class="s-panel" aria-labelledby={id}>
      <div class="s-spread">
        <h2 id={id}>{name ? t("data.classes.of", { name }) : t("data.classes")}</h2>
        <Key />
      </div>
      <div class="s-scroll">
        <table class="s-table s-classes">
          <thead>
            <tr>
              <th scope="col">{t("data.class")}</th>
              <th scope="col" class="s-barcell">
                <span class="s-visually-hidden">{t("data.share")}</span>
              </th>
              {SPLITS.map((split) => (
                <th key={split} scope="col" class="s-right">
                  {t(`data.split.${split}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {visible.map((each) => (
              <tr key={each.name}>
                <th scope="row" title={each.name}>
                  {each.name}
                </th>
                <td class="s-barcell">
                  <div class="s-bar-track" aria-hidden="true">
                    {SPLITS.map((split) => (
                      <div key={split} class={`s-split-${split}`} style={{ width: `${(each[split] / most) * 100}%` }} />
                    ))}
                  </div>
                </td>
                {SPLITS.map((split) => (
                  <td key={split} class="s-right" title={exact(each[split])}>
                    {short(each[split])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {classes.length > FIRST && (
        <button type="button" class="s-button s-small s-after" onClick={() => setAll(!all)}>
          {all ? t("data.classes.less", { count: FIRST }) : t("data.classes.all", { count: classes.length })}
        </button>
      )}
    </section>
  );
}

/** How a number that is to be predicted is spread, per split. */
export function NumberBars({ target, name }: { target: NonNullable<Details["figures"]["target"]>; name: string }) {
  const ranges = target.train.length;
  const most = Math.max(1, ...target.train.map((_, index) => sum(SPLITS.map((split) => target[split][index] ?? 0))));
  const edge = (index: number): number => target.edges[index] ?? 0;
  const id = useId();
  return (
    <section class="s-panel" aria-labelledby={id}>
      <div class="s-spread">
        <h2 id={id}>{t("data.spread", { name })}</h2>
        <Key />
      </div>
      <div class="s-histogram" role="img" aria-label={t("data.spread.words", { name, least: plain(edge(0)), most: plain(edge(ranges)) })}>
        {target.train.map((_, index) => (
          <div key={edge(index)} class="s-histogram-bar" title={t("data.spread.range", { least: plain(edge(index)), most: plain(edge(index + 1)), count: sum(SPLITS.map((split) => target[split][index] ?? 0)) })}>
            {[...SPLITS].reverse().map((split) => (
              <div key={split} class={`s-split-${split}`} style={{ height: `${((target[split][index] ?? 0) / most) * 100}%` }} />
            ))}
          </div>
        ))}
      </div>
      <div class="s-spread s-muted s-number s-axis">
        <span>{plain(edge(0))}</span>
        <span>{plain(edge(Math.round(ranges / 2)))}</span>
        <span>{plain(edge(ranges))}</span>
      </div>
    </section>
  );
}
