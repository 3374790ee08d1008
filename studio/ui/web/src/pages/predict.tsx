import { get, post, register, sentence, t } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Answer } from "../predict/answer";
import { Second } from "../predict/second";
import { PictureInput, RowInput, SeriesInput, SeveralInput, TableInput, TextInput } from "../predict/inputs";
import { SampleInput } from "../predict/samples";
import { Pad } from "../predict/pad";
import { RecordInput, SoundInput } from "../predict/sound";
import type { Asked, InputForm, Prediction } from "../predict/types";
import { type Way, waysOf } from "../predict/ways";
import { type ChosenRun, NoRun, RunChooser, useChosenRun } from "../results/chosen-run";

function PredictPage() {
  const chosen = useChosenRun();
  if (!chosen.run && chosen.runs?.length === 0) return <NoRun chosen={chosen} />;
  return (
    <div class="s-stack">
      <section class="s-panel" aria-label={t("page.predict")}>
        <h2>{t("page.predict")}</h2>
        <RunChooser chosen={chosen} />
      </section>
      {chosen.run ? <OfRun key={`${chosen.run.run} ${chosen.state}`} chosen={chosen} /> : <NoRun chosen={chosen} />}
    </div>
  );
}

function OfRun({ chosen }: { chosen: ChosenRun }) {
  const run = chosen.run?.run ?? "";
  const form = useSignal<InputForm | null>(null);
  const way = useSignal<Way | null>(null);
  const problem = useSignal<string | null>(null);
  const busy = useSignal(false);
  const prediction = useSignal<Prediction | null>(null);
  const sample = useSignal<number | null>(null);
  const row = useSignal<Record<string, string> | null>(null);
  const asked = useRef(0);
  const first = useSignal<Asked | null>(null);
  const path = `api/prediction/${encodeURIComponent(run)}`;

  useEffect(() => {
    get<InputForm>(path).then(
      (answer) => {
        form.value = answer;
      },
      (error: unknown) => {
        problem.value = sentence(error);
      },
    );
  }, [run]);

  const ask = async (what: Asked, beside?: string) => {
    first.value = what;
    asked.current += 1;
    const mine = asked.current;
    busy.value = true;
    sample.value = "row" in what ? what.row : null;
    try {
      const answer = await post<Prediction>(path, { state: chosen.state, ...what, ...(beside && { beside }) });
      if (mine !== asked.current) return; // a newer question has been put meanwhile
      prediction.value = answer;
      problem.value = null;
    } catch (error) {
      if (mine !== asked.current) return;
      prediction.value = null;
      problem.value = sentence(error);
    }
    busy.value = false;
  };

  const forget = () => {
    asked.current += 1;
    first.value = null;
    prediction.value = null;
    problem.value = null;
    sample.value = null;
    busy.value = false;
  };

  if (!form.value) return <div class="s-panel s-nothing">{problem.value ?? t("runs.loading")}</div>;
  const current = form.value;
  const ways = waysOf(current);
  const shown = way.value && ways.includes(way.value) ? way.value : ways[0];
  return (
    <div class="p-columns-page">
      <section class="s-panel s-stack" aria-label={t("predict.input")}>
        {ways.length > 1 && (
          <span class="s-segments p-ways" role="group" aria-label={t("predict.input")}>
            {ways.map((one) => (
              <button
                type="button"
                key={one}
                aria-pressed={one === shown}
                onClick={() => {
                  way.value = one;
                  forget(); // an answer belongs to what is seen beside it
                }}
              >
                {t(one === "several" && current.columns.length === 0 ? "predict.way.together" : `predict.way.${one}`)}
              </button>
            ))}
          </span>
        )}
        {shown === "draw" && current.drawing && (
          <Pad
            style={current.drawing}
            onDrawn={(drawing) => void ask({ drawing })}
            onCleared={forget}
          />
        )}
        {shown === "picture" && <PictureInput ask={(what) => void ask(what)} />}
        {shown === "series" && <SeriesInput form={current.series} ask={(what) => void ask(what)} />}
        {shown === "sound" && <SoundInput ask={(what) => void ask(what)} />}
        {shown === "record" && current.sound && <RecordInput form={current.sound} ask={(what) => void ask(what)} onStart={forget} />}
        {shown === "text" && <TextInput ask={(what) => void ask(what)} busy={busy.value} />}
        {shown === "row" && <RowInput form={current} ask={(what) => void ask(what)} busy={busy.value} row={row.value} />}
        {shown === "several" && <SeveralInput form={current} ask={(what) => void ask(what)} busy={busy.value} />}
        {(shown === "table" || shown === "array") && <TableInput run={run} state={chosen.state} holds={shown === "array" ? "array" : current.kind === "several" ? "archive" : "table"} />}
        {shown === "samples" && current.dataset && (
          <SampleInput
            dataset={current.dataset}
            ask={(what) => void ask(what)}
            chosen={sample.value}
            onRow={(values) => {
              row.value = values;
            }}
          />
        )}
        {ways.length === 0 && <p class="s-muted">{t("predict.noway")}</p>}
      </section>
      {shown !== "table" && shown !== "array" && (
        <Answer form={current} prediction={prediction.value} busy={busy.value} problem={problem.value}>
          {current.compares && prediction.value && <Second ask={(beside) => first.value && void ask(first.value, beside)} />}
        </Answer>
      )}
    </div>
  );
}

register("predict", PredictPage);
