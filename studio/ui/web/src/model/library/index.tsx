import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { listenToChanges, opening, said } from "./draft";
import { Linked } from "./linked";
import { Opening } from "./opening";
import { Report, ShownLink } from "./report";
import { listenToSave } from "./save";
import { StaleSave } from "./stale";

/** What was done with the network last: saved, opened, copied. Its place is kept, so that nothing moves when it appears. */
export function Said() {
  return (
    <p class="s-said" role="status" title={said.value?.text}>
      {said.value && <span key={said.value.count}>{said.value.text}</span>}
    </p>
  );
}

/** The dialogs about saved networks, files and links. */
export function Library() {
  useEffect(listenToSave, []);
  useEffect(() => effect(listenToChanges), []);
  return (
    <>
      {opening.value && <Opening />}
      <StaleSave />
      <Report />
      <ShownLink />
      <Linked />
    </>
  );
}
