import { t } from "@studio";
import { useEffect, useRef } from "preact/hooks";
import type { DrawingStyle } from "./types";

const SIZE = 280;
const SETTLE_MILLISECONDS = 250;
/** Share of the pad that a person's sign fills, so that strokes come out as thick as in the training pictures. */
const FILLED = 0.7;

/** A pad to draw on with mouse, finger or pen; hands the drawing over as a PNG whenever a stroke ends. */
export function Pad({ style, onDrawn, onCleared }: { style: DrawingStyle; onDrawn: (png: string) => void; onCleared: () => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<[number, number] | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const lineWidth = Math.max(8, style.brush * FILLED * SIZE);
  const shade = (value: number): string => `rgb(${Math.round(value * 255)} ${Math.round(value * 255)} ${Math.round(value * 255)})`;

  const place = (event: PointerEvent): [number, number] => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIZE, ((event.clientY - box.top) / box.height) * SIZE];
  };
  const stroke = (from: [number, number], to: [number, number]) => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    context.strokeStyle = shade(style.ink);
    context.lineWidth = lineWidth;
    context.lineCap = "round";
    context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(to[0] + 0.01, to[1]);
    context.stroke();
  };
  const end = () => {
    if (!last.current) return;
    last.current = null;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      if (canvas.current) onDrawn(canvas.current.toDataURL("image/png"));
    }, SETTLE_MILLISECONDS);
  };
  const clear = () => {
    clearTimeout(timer.current);
    canvas.current?.getContext("2d")?.clearRect(0, 0, SIZE, SIZE);
    onCleared();
  };

  return (
    <div class="p-pad">
      <span class="s-muted">{t("predict.pad.help")}</span>
      <canvas
        ref={canvas}
        width={SIZE}
        height={SIZE}
        role="img"
        aria-label={t("predict.pad")}
        data-testid="drawing"
        style={{ background: shade(style.ground) }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          clearTimeout(timer.current);
          last.current = place(event);
          stroke(last.current, last.current);
        }}
        onPointerMove={(event) => {
          if (!last.current) return;
          for (const part of event.getCoalescedEvents?.() ?? [event]) {
            const box = event.currentTarget.getBoundingClientRect();
            const next: [number, number] = [((part.clientX - box.left) / box.width) * SIZE, ((part.clientY - box.top) / box.height) * SIZE];
            stroke(last.current, next);
            last.current = next;
          }
        }}
        onPointerUp={end}
        onPointerCancel={end}
      />
      <button type="button" class="s-button s-small" onClick={clear}>
        {t("predict.clear")}
      </button>
    </div>
  );
}
