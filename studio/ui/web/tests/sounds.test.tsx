// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, test, vi } from "vitest";
import { wavOf } from "../src/predict/wav";
import { waysOf } from "../src/predict/ways";
import { Shown } from "../src/shown";
import { outlinePath } from "../src/shown/sounds";

const form = { kind: "sound" as const, columns: [], drawing: null, sound: { rate: 8000, seconds: 1 }, dataset: "tones", target: null };
const part = { kind: "sound", name: "sound", picture: "data:image/png;base64,AAAA", wave: [-0.5, 0.5, 0, 0], seconds: 0.25, rate: 8000, sound: "api/datasets/tones/sounds/3?feature=sound" };

afterEach(() => {
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

test("a recording becomes a WAV file in 16-bit PCM, of the mean of its channels", () => {
  const view = new DataView(wavOf([new Float32Array([1, 0.5, -2]), new Float32Array([1, -0.5, -2])], 44100));
  const text = (place: number): string => String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(place + index)));
  expect([text(0), text(8), text(12), text(36)]).toEqual(["RIFF", "WAVE", "fmt ", "data"]);
  expect([view.getUint32(4, true), view.getUint16(20, true), view.getUint16(22, true), view.getUint32(24, true), view.getUint32(28, true)]).toEqual([42, 1, 1, 44100, 88200]);
  expect([view.getUint16(34, true), view.getUint32(40, true)]).toEqual([16, 6]);
  expect([44, 46, 48].map((place) => view.getInt16(place, true))).toEqual([32767, 0, -32768]);
  expect(wavOf([], 8000).byteLength).toBe(44);
});

test("the outline fills its height at the loudest moment, and very soft sounds stay flat", () => {
  expect(outlinePath([-0.5, 0.25])).toBe("M0,0.500L0,2.000Z");
  expect(outlinePath([-0.01, 0.01])).toBe("M0,0.800L0,1.200Z");
  expect(outlinePath([])).toBe("");
});

test("networks that hear are asked by microphone, file, or sample", () => {
  expect(waysOf(form)).toEqual(["record", "sound", "samples"]);
  expect(waysOf({ ...form, dataset: null })).toEqual(["record", "sound"]);
});

test("a sound is played and stopped by its button, and one at a time", () => {
  const play = vi.spyOn(HTMLMediaElement.prototype, "play").mockImplementation(function (this: HTMLMediaElement) {
    this.dispatchEvent(new Event("play"));
    return Promise.resolve();
  });
  const pause = vi.spyOn(HTMLMediaElement.prototype, "pause").mockImplementation(function (this: HTMLMediaElement) {
    this.dispatchEvent(new Event("pause"));
  });
  act(() =>
    render(
      <div>
        <Shown part={part} alt="first" />
        <Shown part={{ ...part, name: "other" }} alt="second" />
      </div>,
      document.body,
    ),
  );
  const [first, second] = [...document.querySelectorAll("button")] as [HTMLButtonElement, HTMLButtonElement];
  const audio = document.querySelector("audio");
  expect(audio?.getAttribute("src")).toBe("/api/datasets/tones/sounds/3?feature=sound");
  expect(audio?.getAttribute("preload")).toBe("none");
  act(() => first.click());
  expect(play).toHaveBeenCalledTimes(1);
  expect(first.getAttribute("aria-label")).toContain("first");
  act(() => second.click());
  expect(pause).toHaveBeenCalledTimes(1);
  act(() => second.click());
  expect(pause).toHaveBeenCalledTimes(2);
  expect(document.querySelector("img")?.getAttribute("alt")).toContain("first");
});

test("a sound that is too large is shown without a player", () => {
  const large = { ...part, sound: null };
  act(() => render(<Shown part={large} />, document.body));
  expect(document.querySelector("audio, button")).toBeNull();
  expect(document.querySelector("img")).not.toBeNull();
});
