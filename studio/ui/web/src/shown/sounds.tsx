import { address, duration, exact, Icon, t } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { offer } from "./part";

export interface SoundPart {
  picture: string;
  /** The lowest and the highest value of each stretch, one after the other. */
  wave: number[];
  seconds: number;
  rate: number;
  /** Where it is played from; null for a sound that is too large. */
  sound: string | null;
}

/** Softer sounds than this are not drawn larger any more. */
const SOFTEST = 0.05;

/** The outline of the waves as one closed path between 0 and 2, its middle at 1; the loudest moment fills it. */
export function outlinePath(wave: readonly number[]): string {
  const factor = 1 / Math.max(SOFTEST, ...wave.map(Math.abs));
  const upper: string[] = [];
  const lower: string[] = [];
  for (let place = 0; place + 1 < wave.length; place += 2) {
    const x = place / 2;
    upper.push(`${x},${(1 - factor * (wave[place + 1] ?? 0)).toFixed(3)}`);
    lower.unshift(`${x},${(1 - factor * (wave[place] ?? 0)).toFixed(3)}`);
  }
  return upper.length > 0 ? `M${[...upper, ...lower].join("L")}Z` : "";
}

/** Played is one sound at a time. */
let playing: HTMLAudioElement | null = null;

/** A sound: its waves and its spectrogram, and a button that plays it; a line shows where it is. */
function Sound({ part, alt }: { part: SoundPart & { name?: string }; alt: string }) {
  const audio = useRef<HTMLAudioElement>(null);
  const isPlaying = useSignal(false);
  const problem = useSignal(false);
  const place = useSignal(0);
  useEffect(() => () => audio.current?.pause(), []);
  useEffect(() => {
    if (!isPlaying.value) return undefined;
    let frame = 0;
    const move = () => {
      const player = audio.current;
      if (player?.duration) place.value = player.currentTime / player.duration;
      frame = requestAnimationFrame(move);
    };
    frame = requestAnimationFrame(move);
    return () => cancelAnimationFrame(frame);
  }, [isPlaying.value]);
  const press = () => {
    const player = audio.current;
    if (!player) return;
    if (isPlaying.value) {
      player.pause();
      return;
    }
    if (playing && playing !== player) playing.pause();
    playing = player;
    player.currentTime = 0;
    problem.value = false;
    player.play().catch(() => {
      problem.value = true;
    });
  };
  const ended = () => {
    isPlaying.value = false;
    place.value = 0;
  };
  const columns = Math.max(1, part.wave.length / 2 - 1);
  const long = duration(part.seconds);
  return (
    <div class="s-part-sound">
      <div class="s-sound-drawing">
        <svg class="s-sound-wave" viewBox={`0 0 ${columns} 2`} preserveAspectRatio="none" aria-hidden="true">
          <path d={outlinePath(part.wave)} vector-effect="non-scaling-stroke" />
        </svg>
        <img src={part.picture} alt={t("shown.sound", { name: alt, seconds: long })} loading="lazy" decoding="async" />
        {isPlaying.value && <span class="s-sound-place" style={{ left: `${place.value * 100}%` }} aria-hidden="true" />}
      </div>
      <div class="s-sound-bar">
        {part.sound !== null && (
          <button type="button" class="s-button s-small" aria-label={t(isPlaying.value ? "shown.sound.stop" : "shown.sound.play", { name: alt })} onClick={press}>
            <Icon name={isPlaying.value ? "stop" : "play"} />
          </button>
        )}
        <span class="s-muted s-number" title={t("shown.sound.rate", { rate: exact(part.rate) })}>
          {long}
        </span>
        {part.sound === null && <span class="s-muted">{t("shown.sound.large")}</span>}
        {problem.value && <span class="s-problem">{t("shown.sound.problem")}</span>}
      </div>
      {part.sound !== null && (
        <audio
          ref={audio}
          preload="none"
          src={part.sound.startsWith("data:") ? part.sound : address(part.sound)}
          onPlay={() => (isPlaying.value = true)}
          onPause={ended}
          onEnded={ended}
        />
      )}
    </div>
  );
}

offer<SoundPart>("sound", Sound, true);
