import { compare, type Difference, native, sentence, t } from "@studio";
import { useEffect, useState } from "preact/hooks";
import { counted } from "./words";

const FEW = 6;

/** Sentences about what differs, the first few of many. */
export function Differences({ found, few = FEW }: { found: Difference[]; few?: number }) {
  const [all, setAll] = useState(false);
  const shown = all || found.length <= few + 1 ? found : found.slice(0, few);
  return (
    <ul class="s-differences">
      {shown.map(({ sentence: said }, index) => (
        <li key={`${index} ${said}`}>{native(said)}</li>
      ))}
      {shown.length < found.length && (
        <li>
          <button type="button" class="s-link-button" onClick={() => setAll(true)}>
            {counted("differences", found.length - shown.length)}
          </button>
        </li>
      )}
    </ul>
  );
}

/** What differs between two networks, as the server says it; `none` stands there where nothing does. */
export function Compared({ old, now, none, few }: { old: object; now: object; none: string; few?: number }) {
  const [found, setFound] = useState<Difference[] | string | null>(null);
  const key = JSON.stringify([old, now]);
  useEffect(() => {
    let isCurrent = true;
    compare(old, now)
      .then((all) => isCurrent && setFound(all))
      .catch((error: unknown) => isCurrent && setFound(sentence(error)));
    return () => {
      isCurrent = false;
    };
  }, [key]);
  if (found === null) return <p class="s-muted s-fine">{t("graphs.comparing")}</p>;
  if (typeof found === "string") return <p class="s-problem">{found}</p>;
  if (found.length === 0) return <p class="s-muted s-fine">{none}</p>;
  return <Differences found={found} {...(few === undefined ? {} : { few })} />;
}
