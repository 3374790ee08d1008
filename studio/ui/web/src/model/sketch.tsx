import { familyClass } from "./family";
import type { Figures } from "./state";

const WIDTH = 176;
const HEIGHT = 48;

const log = (value: number): number => Math.log2(1 + Math.max(0, value));

/** How tall and thick each layer is drawn: the sides of what it gives, and its channels or units, both logarithmic. */
export function sized(bars: Figures["bars"]): { category: string; x: number; width: number; height: number }[] {
  const measured = bars.map(({ category, shape }) => {
    if (shape.length === 0) return { category, height: 3, width: 3 }; // not counted yet
    const sizes = shape.map((size) => size ?? 16);
    const channels = sizes[sizes.length - 1] ?? 1;
    const side = sizes.length > 1 ? Math.max(...sizes.slice(0, -1)) : channels;
    return { category, height: log(side), width: sizes.length > 1 ? log(channels) : 2 };
  });
  const tallest = Math.max(1, ...measured.map((bar) => bar.height));
  const whole = measured.reduce((total, bar) => total + bar.width, 0) || 1;
  const gap = bars.length > 32 ? 0.5 : 1.5;
  const room = Math.max(0, WIDTH - gap * (bars.length - 1));
  const scale = Math.min(room / whole, 3);
  let x = (WIDTH - whole * scale - gap * (bars.length - 1)) / 2;
  return measured.map((bar) => {
    const placed = { category: bar.category, x, width: bar.width * scale, height: 6 + (HEIGHT - 6) * (bar.height / tallest) };
    x += placed.width + gap;
    return placed;
  });
}

/** A network as a row of bars, from input to output. */
export function Sketch({ bars }: { bars: Figures["bars"] }) {
  return (
    <svg class="s-sketch" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      {sized(bars).map((bar, index) => (
        <rect key={index} class={familyClass(bar.category)} x={bar.x} y={(HEIGHT - bar.height) / 2} width={bar.width} height={bar.height} rx={0.5} />
      ))}
    </svg>
  );
}
