import { effect } from "@preact/signals";
import { get } from "./api";
import { type Draft, draft, type Line } from "./drafts";

/** How often a question that the server holds for some seconds is asked, before the network is left to the trainer. */
const ROUNDS = 15;
const PAUSE_MILLISECONDS = 2000;

const key = (current: Draft): string => `${current.id} ${current.revision}`;

async function follow(current: Draft): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    try {
      const { revision, line } = await get<{ revision: number; line: Line }>(`api/drafts/${encodeURIComponent(current.id)}/line`);
      const now = draft.value;
      if (!now || key(now) !== key(current) || revision !== current.revision) return; // the newer revision is asked about by itself
      draft.value = { ...now, line };
      if (!line.checking) return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
    }
  }
}

/** Asks what the engine says of the draft's network, for as long as it is being looked at. */
export function startChecking(): () => void {
  let asked = "";
  return effect(() => {
    const current = draft.value;
    if (!current?.line.checking || key(current) === asked) return;
    asked = key(current);
    void follow(current);
  });
}
