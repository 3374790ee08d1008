/** The card to which an arrow leads: beside it in the order of the page, or the nearest one above or below. */
export function next(places: { x: number; y: number }[], from: number, key: string): number | null {
  const here = places[from];
  if (!here) return null;
  const last = places.length - 1;
  if (key === "ArrowRight") return Math.min(last, from + 1);
  if (key === "ArrowLeft") return Math.max(0, from - 1);
  if (key === "Home") return 0;
  if (key === "End") return last;
  if (key !== "ArrowDown" && key !== "ArrowUp") return null;
  const way = key === "ArrowDown" ? 1 : -1;
  const beyond = places.map(({ x, y }, index) => ({ index, across: Math.abs(x - here.x), along: (y - here.y) * way })).filter(({ along }) => along > 1);
  const nearest = Math.min(...beyond.map(({ along }) => along));
  return beyond.filter(({ along }) => along < nearest + 1).sort((left, right) => left.across - right.across)[0]?.index ?? from;
}

/** Walks from card to card with the arrows. */
export function walk(event: KeyboardEvent, list: HTMLElement): void {
  const cards = [...list.querySelectorAll<HTMLElement>(".s-network-button")];
  const from = cards.indexOf(document.activeElement as HTMLElement);
  if (from < 0) return;
  const to = next(
    cards.map((card) => card.getBoundingClientRect()),
    from,
    event.key,
  );
  if (to === null) return;
  event.preventDefault();
  cards[to]?.focus();
}
