import { Icon, t } from "@studio";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { copyLink, exportText } from "./files";
import { exportPicture } from "./pictures";

const WAYS = {
  yaml: () => void exportText("yaml"),
  svg: () => void exportPicture("svg"),
  png: () => void exportPicture("png"),
  link: () => void copyLink(),
};
type Way = keyof typeof WAYS;

/** The other ways to carry the network away, in a menu below its button. */
export function MoreExports({ disabled }: { disabled: boolean }) {
  const [at, setAt] = useState<{ left: number; top: number } | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const isOpen = at !== null;
  const close = (focus: boolean) => {
    setAt(null);
    if (focus) button.current?.focus();
  };
  const open = () => {
    const place = button.current?.getBoundingClientRect();
    if (place) setAt({ left: Math.max(8, Math.min(place.left, innerWidth - 248)), top: place.bottom + 4 });
  };
  useLayoutEffect(() => {
    if (!isOpen) return;
    menu.current?.querySelector("button")?.focus();
    const away = (event: Event) => {
      if (event.target instanceof Node && (menu.current?.contains(event.target) || button.current?.contains(event.target))) return;
      close(false);
    };
    const events = ["pointerdown", "resize", "scroll"] as const;
    for (const each of events) addEventListener(each, away, true);
    return () => {
      for (const each of events) removeEventListener(each, away, true);
    };
  }, [isOpen]);
  const walk = (event: KeyboardEvent) => {
    const items = [...(menu.current?.querySelectorAll("button") ?? [])];
    const now = items.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") close(event.key === "Escape");
    else if (next !== undefined) items.at(next % items.length)?.focus();
    else return;
    if (event.key !== "Tab") event.preventDefault();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class="s-tool s-more"
        disabled={disabled}
        aria-label={t("graphs.more")}
        title={t("graphs.more")}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => (isOpen ? close(true) : open())}
      >
        <Icon name="down" />
      </button>
      {at && (
        <div ref={menu} class="s-menu" role="menu" aria-label={t("graphs.more")} style={{ left: `${at.left}px`, top: `${at.top}px` }} onKeyDown={walk}>
          {(Object.keys(WAYS) as Way[]).map((way) => (
            <button
              key={way}
              type="button"
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                close(true);
                WAYS[way]();
              }}
            >
              {t(`graphs.more.${way}`)}
            </button>
          ))}
        </div>
      )}
    </>
  );
}
