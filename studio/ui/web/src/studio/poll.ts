/**
 * Calls `work` again and again, `seconds()` after it has ended, but never while the tab is hidden; when the tab is
 * shown again it is called at once. Returns a function that ends it. `seconds` may return null to end by itself.
 */
export function poll(work: () => Promise<void>, seconds: () => number | null): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  let busy = false;

  const turn = async (): Promise<void> => {
    if (ended || busy || document.hidden) return;
    clearTimeout(timer);
    busy = true;
    try {
      await work();
    } catch (error) {
      console.warn(error); // a failed turn is tried again at the next one
    } finally {
      busy = false;
    }
    const pause = seconds();
    if (pause === null) stop();
    else if (!ended) timer = setTimeout(turn, pause * 1000);
  };
  const shown = (): void => {
    if (!document.hidden) void turn();
  };
  const stop = (): void => {
    ended = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", shown);
  };
  document.addEventListener("visibilitychange", shown);
  void turn();
  return stop;
}
