import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { poll } from "../src/studio/poll";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it("asks again after each answer, rests in a hidden tab, and asks at once when it is shown", async () => {
  const work = vi.fn(async () => undefined);
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(false);
  const stop = poll(work, () => 2);
  await vi.advanceTimersByTimeAsync(4100);
  expect(work).toHaveBeenCalledTimes(3);
  hidden.mockReturnValue(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(work).toHaveBeenCalledTimes(3);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(0);
  expect(work).toHaveBeenCalledTimes(4);
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(work).toHaveBeenCalledTimes(4);
});

it("ends by itself, and goes on after a failure", async () => {
  vi.spyOn(document, "hidden", "get").mockReturnValue(false);
  vi.spyOn(console, "warn").mockReturnValue(undefined);
  let turns = 0;
  poll(
    async () => {
      turns += 1;
      if (turns === 1) throw new Error("once");
    },
    () => (turns > 2 ? null : 1),
  );
  await vi.advanceTimersByTimeAsync(30_000);
  expect(turns).toBe(3);
});
