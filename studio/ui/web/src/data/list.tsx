import { draft, exact, native, short, t, tOr } from "@studio";
import { type Card, listing, listProblem, show, shown } from "./state";

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

/** The workspace's datasets, and the built-in ones. */
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
    </nav>
  );
}
