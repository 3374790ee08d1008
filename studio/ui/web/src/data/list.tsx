import { draft, exact, native, sentence, short, t, tOr } from "@studio";
import { useSignal } from "@preact/signals";
import { begin, type Card, listing, listProblem, type PublicSet, show, shown } from "./state";

function Item({ card, used }: { card: Card; used: boolean }) {
  const facts = [
    tOr(`kind.${card.kind}`, card.kind),
    card.samples !== null && t("data.samples.count", { count: short(card.samples) }),
    card.classes !== null && t("data.classes.count", { count: card.classes }),
  ].filter(Boolean);
  return (
    <li>
      <button
        type="button"
        class="s-card s-set"
        aria-current={shown.value === card.name ? "true" : undefined}
        title={card.samples !== null ? t("data.samples.count", { count: exact(card.samples) }) : undefined}
        onClick={() => void show(card.name)}
      >
        <strong>{card.builtin ? native(card.title) : card.title}</strong>
        {used && <span class="s-tag">{t("data.inuse")}</span>}
        <span class="s-muted s-fine">{facts.join(" · ")}</span>
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

/** The workspace's datasets, the built-in ones, and those that can be downloaded. */
export function DatasetList() {
  const datasets = listing.value?.datasets;
  const used = draft.value?.line.dataset?.name ?? null;
  if (listProblem.value) return <p class="s-problem">{listProblem.value}</p>;
  const groups = [
    { title: t("data.own"), cards: datasets?.filter((card) => !card.builtin) ?? [] },
    { title: t("data.builtin"), cards: datasets?.filter((card) => card.builtin) ?? [] },
  ];
  return (
    <nav class="s-set-list" aria-label={t("data.list")}>
      {groups.map(
        ({ title, cards }) =>
          cards.length > 0 && (
            <section key={title} aria-label={title}>
              <h2>{title}</h2>
              <ul>
                {cards.map((card) => (
                  <Item key={card.name} card={card} used={card.name === used} />
                ))}
              </ul>
            </section>
          ),
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
