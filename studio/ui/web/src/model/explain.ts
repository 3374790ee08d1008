import { effect } from "@preact/signals";
import { draft, get, saving } from "@studio";
import { useEffect, useState } from "preact/hooks";
import type { Shape } from "./graph";

/** What the server says of a layer: its figures, with the current numbers in their formulas. */
export interface Explanation {
  node: string;
  counting: boolean;
  lines: { label: string; text: string }[];
  /** The nodes right inside a composite. */
  parts: { id: string; block: string; output_shapes: Shape[]; weights: number; multiply_adds: number }[];
}

async function ask(id: string, path: string, wanted: () => boolean): Promise<Explanation | null> {
  for (;;) {
    const found = await get<Explanation>(`api/model/explain?draft=${encodeURIComponent(id)}&node=${encodeURIComponent(path)}`).catch(() => null);
    if (!wanted() || !found?.counting) return found;
  }
}

/** The explanation of a layer of the draft as it was saved last; the one before stays, `old`, until the next is there. */
export function useExplanation(path: string): { told: Explanation | null; old: boolean } {
  const [state, setState] = useState<{ told: Explanation | null; old: boolean }>({ told: null, old: true });
  useEffect(() => {
    let asked = "";
    const stop = effect(() => {
      const current = draft.value;
      if (!current || saving.value) return;
      const key = `${current.id} ${current.revision}`;
      if (key === asked) return;
      asked = key;
      setState((before) => ({ ...before, old: true }));
      void ask(current.id, path, () => asked === key).then((told) => {
        if (asked === key) setState({ told, old: false });
      });
    });
    return () => {
      asked = "";
      stop();
    };
  }, [path]);
  return state;
}
