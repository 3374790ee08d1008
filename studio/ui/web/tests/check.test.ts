import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startChecking } from "../src/studio/check";
import { type Draft, draft, type Line } from "../src/studio/drafts";

const said = (changes: Partial<Line>): Line => ({
  dataset: null, network: null, settings: {}, training: {}, fallbacks: {}, problem: null, checking: false, ...changes,
});
const made = (revision: number, checking: boolean): Draft => ({
  id: "abcd1234", revision, changed: "", recipe: {}, command: "", line: said({ checking }),
});
const refusal = { text: "conv2: too small", page: "model" };

let answers: { revision: number; line: Line }[];
let asked: number;
let stop: () => void;

beforeEach(() => {
  answers = [];
  asked = 0;
  vi.stubGlobal("fetch", async () => {
    asked += 1;
    return new Response(JSON.stringify(answers.shift() ?? { revision: 0, line: said({}) }));
  });
  draft.value = null;
  stop = startChecking();
});
afterEach(() => stop());

describe("the check of a draft's network", () => {
  it("asks until the engine has an answer, and shows it", async () => {
    answers = [{ revision: 1, line: said({ checking: true }) }, { revision: 1, line: said({ problem: refusal }) }];
    draft.value = made(1, true);
    await vi.waitFor(() => expect(draft.value?.line.problem).toEqual(refusal));
    expect(asked).toBe(2);
  });

  it("asks nothing about a draft whose line is complete", async () => {
    draft.value = made(1, false);
    await Promise.resolve();
    expect(asked).toBe(0);
  });

  it("drops an answer to an older revision, and asks about the newer one", async () => {
    answers = [{ revision: 1, line: said({ problem: refusal }) }, { revision: 2, line: said({ network: { name: "LeNet", weights: 7 } }) }];
    draft.value = made(1, true);
    draft.value = made(2, true);
    await vi.waitFor(() => expect(draft.value?.line.network?.weights).toBe(7));
    expect(draft.value?.line.problem).toBeNull();
    expect(asked).toBe(2);
  });
});
