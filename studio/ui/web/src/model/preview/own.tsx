import { useSignal } from "@preact/signals";
import { Drop, sentence, t, type Upload } from "@studio";
import { useEffect, useId } from "preact/hooks";
import { dataAddress, LARGEST_PASTE, pastedPicture, PICTURES, RowInput } from "../../predict/inputs";
import { Pad } from "../../predict/pad";
import { SOUNDS } from "../../predict/sound";
import { own, ownForm } from "./state";

const FILES = { text: ".txt,.md,.csv,.tsv", array: ".npy,.npz", columns: ".csv,.tsv,.xlsx,.parquet" } as const;

const takeFile = ({ upload, name }: Upload): void => {
  own.value = { way: "file", upload, name, index: 0 };
};

/** Where a sample of one's own is given: drawn, dropped, pasted, typed. */
export function OwnSample() {
  const form = ownForm.value;
  if (!form) return <p class="s-muted s-fine">{t("runs.loading")}</p>;
  switch (form.kind) {
    case "image":
      return <OwnPicture />;
    case "sound":
      return <Drop label={t("predict.sound.drop")} hint={t("predict.sound.hint")} accept={SOUNDS} onUpload={takeFile} />;
    case "series":
      return <Drop label={t("predict.series.drop")} hint={t("predict.series.hint")} accept={FILES.columns} onUpload={takeFile} />;
    case "text":
      return (
        <>
          <OwnText />
          <Drop label={t("preview.own.file.text")} accept={FILES.text} onUpload={takeFile} />
        </>
      );
    case "columns":
      return (
        <>
          <div class="s-own-row">
            <RowInput form={form} busy={false} row={null} action={t("preview.own.show")} ask={(what) => "values" in what && (own.value = { way: "row", values: what.values })} />
          </div>
          <Drop label={t("preview.own.file.table")} accept={FILES.columns} onUpload={takeFile} />
        </>
      );
    case "array":
      return <Drop label={t("preview.own.file.array")} accept={FILES.array} onUpload={takeFile} />;
    default:
      return <p class="s-muted s-fine">{t("preview.own.several")}</p>;
  }
}

function OwnPicture() {
  const problem = useSignal<string | null>(null);
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const file = pastedPicture(event.clipboardData?.items);
      if (!file) return;
      event.preventDefault();
      event.stopImmediatePropagation(); // the canvas would paste the nodes that were copied last
      problem.value = file.size > LARGEST_PASTE ? t("predict.paste.large") : null;
      if (problem.value) return;
      dataAddress(file).then(
        (picture) => {
          own.value = { way: "picture", picture };
        },
        (error: unknown) => {
          problem.value = sentence(error);
        },
      );
    };
    document.addEventListener("paste", paste, true);
    return () => document.removeEventListener("paste", paste, true);
  }, []);
  const style = ownForm.value?.drawing;
  return (
    <>
      {style && (
        <Pad
          style={style}
          onDrawn={(drawing) => {
            own.value = { way: "drawing", drawing };
          }}
          onCleared={() => {
            if (own.value?.way === "drawing") own.value = null;
          }}
        />
      )}
      <Drop label={t("predict.drop")} accept={PICTURES} onUpload={takeFile} />
      {problem.value && (
        <p class="s-problem" role="alert">
          {problem.value}
        </p>
      )}
    </>
  );
}

/** A text that is looked at while it is typed. */
function OwnText() {
  const id = useId();
  return (
    <div class="s-field">
      <label for={id}>{t("predict.text")}</label>
      <textarea
        id={id}
        class="p-text"
        rows={3}
        maxLength={100_000}
        defaultValue={own.value?.way === "text" ? own.value.text : ""}
        onInput={(event) => {
          const text = event.currentTarget.value;
          own.value = text.trim() ? { way: "text", text } : null;
        }}
      />
    </div>
  );
}
