import { type Fields, type Json, native, pulse, sentence, t, tOr } from "@studio";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { chooseNetwork, choosePretrained } from "../edits";
import { Dialog } from "../library/dialog";
import { network, problem } from "../state";
import { Card } from "./card";
import { grouped, perTask, shownVariant, type Wish } from "./choose";
import { type Choice, Details } from "./details";
import { Filters } from "./filters";
import { OfHub } from "./hub";
import { walk } from "./keys";
import { counts, followCounts, presets, showing, tasks } from "./state";
import type { Preset } from "./types";

const FIRST: Wish = { query: "", task: "", sort: "oldest", fitting: true, small: false };

/** Bytes of memory that are free where a training would run; those of the graphics card if there is one. */
function useFree(): number | null {
  const device = pulse.value?.device;
  const free = device && device.total_bytes > 0 ? device.total_bytes - device.used_bytes : null;
  // in steps of half a gigabyte: what is listed does not change with every breath of the machine
  return free === null ? null : Math.max(0, Math.floor(free / 5e8) * 5e8);
}

/** What a person has chosen of a family: a ready variant, and parameters beside it. */
interface Own {
  variant: string;
  params: Fields;
}

function begun(preset: Preset, query: string): Own {
  const variant = shownVariant(preset, query);
  const now = network.value?.preset;
  if (query) return { variant: variant?.name ?? "", params: variant?.params ?? {} };
  return { variant: variant?.name ?? "", params: now?.family === preset.name ? now.params : preset.params };
}

function Open() {
  const [wish, setWish] = useState<Wish>(FIRST);
  const [family, setFamily] = useState<string | null>(null);
  const [isLooking, setLooking] = useState(false);
  const [own, setOwn] = useState<Record<string, Own>>({});
  const list = useRef<HTMLDivElement>(null);
  const free = useFree();
  const all = presets.value ?? [];
  const current = network.value?.preset?.family ?? null;
  useEffect(followCounts, [presets.value]);
  const groups = useMemo(() => grouped(all, tasks.value, wish, counts.value, free, native), [all, wish, counts.value, free]);
  const found = useMemo(() => perTask(all, tasks.value, wish, counts.value, free, native), [all, wish, counts.value, free]);
  const listed = groups.flatMap((group) => group.listed);
  const chosen = listed.find(({ preset }) => preset.name === (family ?? current))?.preset ?? listed[0]?.preset;
  const ownOf = (preset: Preset): Own => own[preset.name] ?? begun(preset, wish.query);
  const keep = (preset: Preset, changed: Own) => setOwn((before) => ({ ...before, [preset.name]: changed }));
  const choiceOf = (preset: Preset): Choice => {
    const { variant, params } = ownOf(preset);
    return { preset, variant: preset.variants.find(({ name }) => name === variant), params };
  };
  const choose = (preset: Preset) => {
    setFamily(preset.name);
    setLooking(true);
    requestAnimationFrame(() => document.querySelector<HTMLElement>(".s-network-scroll")?.focus({ preventScroll: true }));
  };
  const chooseVariant = (preset: Preset, name: string) => {
    keep(preset, { variant: name, params: preset.variants.find((each) => each.name === name)?.params ?? {} });
    setFamily(preset.name);
  };
  const close = () => (showing.value = false);
  const use = ({ preset, variant, params }: Choice) => {
    if (variant?.reason || !preset.fits) return;
    close();
    void chooseNetwork(preset.name, params);
  };
  const usePretrained = (name: string) => {
    close();
    choosePretrained(name).catch((error: unknown) => (problem.value = sentence(error)));
  };
  const setParam = (preset: Preset, name: string, value: Json | undefined) => {
    const { variant, params } = ownOf(preset);
    const { [name]: _, ...others } = params;
    keep(preset, { variant, params: value === undefined ? others : { ...params, [name]: value } });
  };
  return (
    <Dialog title={t("gallery.title")} kind="s-networks" onClose={close}>
      <Filters wish={wish} found={found} free={free} onWish={(changed) => setWish((before) => ({ ...before, ...changed }))} />
      <div class={`s-networks-body${isLooking ? " s-looking" : ""}`}>
        <div ref={list} class="s-networks-list" onKeyDown={(event) => list.current && walk(event, list.current)}>
          <p class="s-visually-hidden" role="status">
            {t("gallery.count", { count: listed.length })}
          </p>
          {listed.length === 0 && presets.value && (
            <div class="s-nothing">
              <p>{t("gallery.nothing")}</p>
              <button type="button" class="s-button" onClick={() => setWish({ ...FIRST, fitting: false })}>
                {t("gallery.reset")}
              </button>
            </div>
          )}
          {groups.map(({ task, listed: members }) => (
            <section key={task} aria-label={tOr(`gallery.task.${task}`, task)}>
              <h3>{tOr(`gallery.task.${task}`, task)}</h3>
              <ul class="s-networks-cards">
                {members.map((each) => {
                  const { preset } = each;
                  const changed = own[preset.name];
                  const variant = changed ? preset.variants.find(({ name }) => name === changed.variant) : each.variant;
                  return (
                    <Card
                      key={preset.name}
                      listed={{ preset, variant }}
                      isChosen={preset.name === chosen?.name}
                      isCurrent={preset.name === current}
                      free={free}
                      onChoose={() => choose(preset)}
                      onUse={() => use(choiceOf(preset))}
                      onVariant={(name) => chooseVariant(preset, name)}
                    />
                  );
                })}
              </ul>
              {task === "picture" && <OfHub onUse={usePretrained} />}
            </section>
          ))}
        </div>
        {chosen && (
          <Details
            choice={choiceOf(chosen)}
            free={free}
            onParam={(name, value) => setParam(chosen, name, value)}
            onVariant={(name) => chooseVariant(chosen, name)}
            onUse={() => use(choiceOf(chosen))}
            onPretrained={usePretrained}
            onBack={() => setLooking(false)}
          />
        )}
      </div>
    </Dialog>
  );
}

/** The gallery of networks, as long as it is open. */
export function Gallery() {
  return showing.value ? <Open /> : null;
}
