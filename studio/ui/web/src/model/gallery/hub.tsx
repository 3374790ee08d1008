import { get, sentence, short, t } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";

/** The networks of keras-hub that can be begun with. */
interface Hub {
  prefix: string;
  /** The command that brings keras-hub; "" where it is here. */
  install: string;
  networks: { name: string; parameters: number; here: boolean }[];
}

/** A field for the name of a network of keras-hub, or for a folder, and the button that begins with its weights. */
export function OfHub({ onUse }: { onUse: (name: string) => void }) {
  const id = useId();
  const hub = useSignal<Hub | null>(null);
  const problem = useSignal<string | null>(null);
  const name = useSignal("");
  useEffect(() => {
    get<Hub>("api/model/hub").then(
      (found) => (hub.value = found),
      (error: unknown) => (problem.value = sentence(error)),
    );
  }, []);
  const wanted = name.value.trim();
  const found = hub.value;
  const use = () => found && wanted && onUse(wanted.startsWith(found.prefix) ? wanted : found.prefix + wanted);
  return (
    <div class="s-network-hub">
      <label for={id}>{t("gallery.hub")}</label>
      <div class="s-row">
        <input
          id={id}
          type="text"
          list={`${id}-names`}
          placeholder="resnet_50_imagenet"
          spellcheck={false}
          disabled={!found || found.install !== ""}
          aria-describedby={`${id}-said`}
          value={name.value}
          onInput={(event) => (name.value = event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && use()}
        />
        <datalist id={`${id}-names`}>
          {found?.networks.map((each) => (
            <option key={each.name} value={each.name} label={t(each.here ? "gallery.hub.here" : "gallery.hub.download", { count: short(each.parameters) })} />
          ))}
        </datalist>
        <button type="button" class="s-button" disabled={!wanted} aria-describedby={`${id}-said`} onClick={use}>
          {t("gallery.hub.use")}
        </button>
      </div>
      <p id={`${id}-said`} class={problem.value ? "s-problem" : "s-fine s-muted"} role="status">
        {problem.value ?? (found?.install ? t("gallery.hub.install", { command: found.install }) : t("gallery.hub.help"))}
      </p>
    </div>
  );
}
