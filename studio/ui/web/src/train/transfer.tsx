import { Icon, at, change, link, recipe, t } from "@studio";

/** Says that the draft begins with the weights of another run, or with imported ones, with a way to begin anew instead. */
export function TransferNote() {
  const run = at(recipe.value, "transfer.run");
  const isImported = typeof at(recipe.value, "transfer.weights") === "string";
  if (typeof run !== "string" && !isImported) return null;
  return (
    <p class="s-row s-transfer">
      {typeof run === "string" ? (
        <span>
          {t("train.transfer")} <a href={link("runs", { run })}>{run}</a>
        </span>
      ) : (
        <span>{t("train.transfer.imported")}</span>
      )}
      <button type="button" class="s-button s-small" onClick={() => change({ transfer: undefined })}>
        <Icon name="close" />
        {t("train.transfer.drop")}
      </button>
    </p>
  );
}
