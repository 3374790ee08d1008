import { render } from "preact";
import { Bar } from "./bar";
import { startChecking } from "./check";
import { flush, openDraft } from "./drafts";
import { TrainLine } from "./line";
import { observe } from "./mount";
import { startPulse } from "./pulse";

/** Sets up the shell: the bar and the line before Gradio's container, the draft, the pulse, the mount points. */
export function start(): void {
  const header = document.createElement("header");
  header.className = "s-header";
  document.body.prepend(header);
  const content = document.querySelector("gradio-app");
  if (content) {
    content.id = "studio-content";
    content.setAttribute("role", "main");
  }
  render(
    <>
      <Bar />
      <TrainLine />
    </>,
    header,
  );
  observe();
  startPulse();
  startChecking();
  void openDraft();
  addEventListener("pagehide", () => void flush());
}
