import { Icon, at, change, link, recipe, t } from "@studio";

/** Says that the draft begins with the weights of another run, with a way to begin anew instead. */
export function TransferNote() {
  const run = at(recipe.value, "transfer.run");
  if (typeof run !== "string") return null;
  return (
    <p class="s-row s-transfer">
      <span>
        {t("train.transfer")} <a href={link("runs", { run })}>{run}</a>
      </span>
      <button type="button" class="s-button s-small" onClick={() => change({ transfer: undefined })}>
        <Icon name="close" />
        {t("train.transfer.drop")}
      </button>
    </p>
  );
}
