import { t, tOr } from "@studio";
import { metricValue } from "../runs/rows";
import { type Part, Shown, Tools } from "../shown";

export interface Example {
  row: number;
  scores: Record<string, number>;
  given: Part[];
  truth: Part | null;
  said: Part | null;
}

/** Samples side by side: what was given, what is true, what the network says; the worst first. */
export function Examples({ examples }: { examples: Example[] }) {
  const all = examples.flatMap(({ given, truth, said }) => [...given, truth, said]).filter((part) => part !== null);
  return (
    <>
    <Tools parts={all} />
    <ul class="e-examples">
      {examples.map((example) => (
        <li key={example.row} class={example.truth || !example.said ? "" : "e-together"} title={t("evaluate.row", { row: example.row })}>
          <Column title={t("evaluate.given")} parts={example.given} row={example.row} />
          {(example.truth || !example.said) && <Column title={t("evaluate.truth")} parts={example.truth ? [example.truth] : []} row={example.row} />}
          <Column title={tOr(example.said?.heading ?? "", t("evaluate.predicted"))} parts={example.said ? [example.said] : []} row={example.row} />
          <dl class="e-scores">
            {Object.entries(example.scores).map(([name, value]) => (
              <div key={name}>
                <dt>{tOr(`metric.${name}`, name)}</dt>
                <dd class="s-number">{metricValue(name, value)}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
    </>
  );
}

function Column({ title, parts, row }: { title: string; parts: Part[]; row: number }) {
  return (
    <div class="e-example-part">
      <h4>{title}</h4>
      {parts.map((part) => (
        <Shown key={part.name} part={part} alt={t("evaluate.picture", { row })} />
      ))}
    </div>
  );
}
