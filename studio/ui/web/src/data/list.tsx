import { draft, exact, native, sentence, short, t, tOr } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { sorted } from "./groups";
import { begin, type Card, listing, listProblem, type PublicSet, show, shown } from "./state";

const NARROW = "(max-width: 720px)";

/** Whether the list stands above what is shown, and not beside it. */
function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const look = () => setNarrow(query.matches);
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, []);
  return narrow;
}

/** What a dataset is, in one line. */
function factsOf(card: Card, written: (count: number) => string): string {
  const facts = [
    tOr(`kind.${card.kind}`, card.kind),
    card.samples !== null && t("data.samples.count", { count: written(card.samples) }),
    card.classes !== null && t("data.classes.count", { count: card.classes }),
  ];
  return facts.filter(Boolean).join(" · ");
}

function Item({ card, used }: { card: Card; used: boolean }) {
  const choose = () => {
    void show(card.name);
    if (matchMedia(NARROW).matches) document.getElementById("studio-shown")?.scrollIntoView({ block: "start" }); // it stands below
  };
  return (
    <li>
      <button
        type="button"
        class="s-card s-set"
        aria-current={shown.value === card.name ? "true" : undefined}
        title={factsOf(card, exact)}
        onClick={choose}
      >
        <strong>{card.builtin ? native(card.title) : card.title}</strong>
        {used && <span class="s-tag">{t("data.inuse")}</span>}
        <span class="s-muted s-fine">{factsOf(card, short)}</span>
      </button>
    </li>
  );
}

function Public({ set }: { set: PublicSet }) {
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);
  const load = async () => {
    busy.value = true;
    problem.value = null;
    try {
      await begin({ public_set: set.name });
    } catch (error) {
      problem.value = sentence(error);
    }
    busy.value = false;
  };
  return (
    <li class="s-public">
      <div>
        <strong>{native(set.title)}</strong>
        <span class="s-muted s-fine">{native(set.summary)}</span>
        <span class="s-muted s-fine">{t("data.public.credit", { credit: set.credit, licence: set.licence })}</span>
      </div>
      <button type="button" class="s-button s-small" disabled={busy.value} aria-label={t("data.public.get", { title: set.title })} onClick={() => void load()}>
        {t("data.public.size", { size: set.megabytes })}
      </button>
      {problem.value && (
        <p class="s-problem" role="alert">
          {problem.value}
        </p>
      )}
    </li>
  );
}

function Items({ cards }: { cards: Card[] }) {
  const used = draft.value?.line.dataset?.name ?? null;
  return (
    <ul>
      {cards.map((card) => (
        <Item key={card.name} card={card} used={card.name === used} />
      ))}
    </ul>
  );
}

/** Where there is little room the groups are closed at first; the one that holds what is shown says so. */
function Folded({ title, cards }: { title: string; cards: Card[] }) {
  const inside = cards.find((card) => card.name === shown.value);
  return (
    <details class="s-group">
      <summary>
        <h3>{title}</h3>
        <span class="s-muted">{inside ? native(inside.title) : cards.length}</span>
      </summary>
      <Items cards={cards} />
    </details>
  );
}

/** The workspace's datasets, the built-in ones by what they are made of, and those that can be downloaded. */
export function DatasetList() {
  const narrow = useNarrow();
  if (listProblem.value) return <p class="s-problem">{listProblem.value}</p>;
  const { own, groups } = sorted(listing.value?.datasets ?? []);
  const titled = groups.map(({ group, cards }) => ({ title: t(`data.group.${group ?? "other"}`), cards }));
  return (
    <nav class="s-set-list" aria-label={t("data.list")}>
      {own.length > 0 && (
        <section aria-label={t("data.own")}>
          <h2>{t("data.own")}</h2>
          <Items cards={own} />
        </section>
      )}
      {titled.length > 0 && (
        <section aria-label={t("data.builtin")}>
          <h2>{t("data.builtin")}</h2>
          {titled.map(({ title, cards }) =>
            narrow ? (
              <Folded key={title} title={title} cards={cards} />
            ) : (
              <section key={title} aria-label={title}>
                <h3>{title}</h3>
                <Items cards={cards} />
              </section>
            ),
          )}
        </section>
      )}
      {(listing.value?.public ?? []).length > 0 && (
        <details class="s-group">
          <summary>{t("data.public")}</summary>
          <p class="s-muted s-note">{t("data.public.help")}</p>
          <ul class="s-publics">
            {listing.value?.public.map((set) => (
              <Public key={set.name} set={set} />
            ))}
          </ul>
        </details>
      )}
    </nav>
  );
}
