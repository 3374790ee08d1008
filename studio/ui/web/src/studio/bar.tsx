import { useEffect, useRef, useState } from "preact/hooks";
import { link } from "./drafts";
import { bytes, percent } from "./format";
import { Icon } from "./icons";
import { lost, pulse } from "./pulse";
import { language, languages, t, tOr } from "./words";

const meta = (name: string): string => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";

/** The page that is open, and the destinations of the bar. */
export const page: string = meta("studio-page");
export const destinations: string[] = meta("studio-pages").split(",").filter(Boolean);

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // storage is forbidden in this browser: the choice holds until the next page
  }
}

function ThemeSwitch() {
  const [dark, setDark] = useState(document.documentElement.dataset.theme === "dark");
  const toggle = () => {
    document.documentElement.dataset.theme = dark ? "light" : "dark";
    remember("studio.theme", dark ? "light" : "dark");
    setDark(!dark);
    dispatchEvent(new Event("studio:theme"));
  };
  const name = dark ? t("bar.theme.light") : t("bar.theme.dark");
  return (
    <button type="button" class="s-bar-tool" aria-label={name} title={name} onClick={toggle}>
      <Icon name={dark ? "sun" : "moon"} />
    </button>
  );
}

function LanguageSwitch() {
  const choose = (event: Event) => {
    remember("studio.language", (event.currentTarget as HTMLSelectElement).value);
    location.reload();
  };
  return (
    <select class="s-bar-language" aria-label={t("bar.language")} value={language} onChange={choose}>
      {languages.map(({ code, name }) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  );
}

function DeviceChip() {
  const device = pulse.value?.device;
  if (!device) return <span class="s-chip s-device" aria-hidden="true" />;
  const name = device.kind === "cpu" ? "CPU" : device.count > 1 ? t("bar.device.several", { count: device.count, name: device.name }) : device.name;
  const full = device.kind === "cpu" ? t("bar.device.cpu", { count: device.count }) : name;
  const help = t("bar.device.help", { used: bytes(device.used_bytes), total: bytes(device.total_bytes), load: percent(device.load) });
  return (
    <span class="s-chip s-device" title={`${full}. ${help}`}>
      <span class="s-device-name">{name}</span>
      <span class="s-number">
        {(device.used_bytes / 1e9).toFixed(1)} / {bytes(device.total_bytes)}
      </span>
    </span>
  );
}

/** The top bar: name, destinations, device, language, colours. */
export function Bar() {
  const running = (pulse.value?.active.length ?? 0) > 0;
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    const row = nav.current;
    const here = row?.querySelector("[aria-current]");
    if (!row || !here) return;
    // on a narrow screen the row is longer than the screen: the open page stands in its middle
    const [outer, inner] = [row.getBoundingClientRect(), here.getBoundingClientRect()];
    row.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  }, []);
  useEffect(() => {
    const name = tOr(`page.${page}`, page);
    document.title = `${running ? "● " : ""}${name} · ${t("app.name")}`;
  }, [running]);
  return (
    <>
      <a class="s-skip" href="#studio-content">
        {t("bar.skip")}
      </a>
      <div class="s-bar">
        <a class="s-name" href={link("home")} aria-current={page === "home" ? "page" : undefined}>
          <Icon name="logo" />
          <span>{t("app.name")}</span>
        </a>
        <nav ref={nav} class="s-destinations" aria-label={t("bar.pages")}>
          {destinations.map((name) => (
            <a key={name} href={link(name)} aria-current={page === name ? "page" : undefined}>
              {tOr(`page.${name}`, name)}
              {name === "runs" && running && <span class="s-dot" role="img" aria-label={t("bar.running")} />}
            </a>
          ))}
        </nav>
        <div class="s-bar-tools">
          <DeviceChip />
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
      </div>
      {lost.value && (
        <div class="s-notice s-warning" role="status">
          {t("bar.lost")}
        </div>
      )}
    </>
  );
}
