import { Drop, Icon, duration, t } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { dataAddress } from "./inputs";
import type { Asked, SoundForm } from "./types";
import { wavOf } from "./wav";

export const SOUNDS = ".wav,.flac,.ogg,.oga,.opus,.mp3,audio/*";
const LEAST_SECONDS = 3;
const MOST_SECONDS = 60;
const TICK_MILLISECONDS = 100;

/** A sound file of one's own. */
export function SoundInput({ ask }: { ask: (asked: Asked) => void }) {
  return <Drop label={t("predict.sound.drop")} hint={t("predict.sound.hint")} accept={SOUNDS} onUpload={({ upload }) => ask({ upload })} />;
}

/** What a browser says when it gives no microphone, in a sentence. */
function refusal(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return t("predict.record.refused");
  if (name === "NotFoundError" || name === "OverconstrainedError") return t("predict.record.none");
  return t("predict.record.failed");
}

/** Records with the microphone and hands the sound over as a WAV file. */
export function RecordInput({ form, ask, onStart }: { form: SoundForm; ask: (asked: Asked) => void; onStart: () => void }) {
  const recorder = useRef<MediaRecorder | null>(null);
  const alive = useRef(true);
  const since = useSignal<number | null>(null);
  const passed = useSignal(0);
  const waiting = useSignal(false);
  const problem = useSignal<string | null>(null);
  const limit = Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, 2 * form.seconds));
  const able = typeof MediaRecorder !== "undefined" && navigator.mediaDevices !== undefined;

  const stop = () => {
    if (recorder.current?.state === "recording") recorder.current.stop();
  };
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
      stop();
    };
  }, []);
  useEffect(() => {
    if (since.value === null) return undefined;
    const start = since.value;
    const timer = setInterval(() => {
      passed.value = (performance.now() - start) / 1000;
      if (passed.value >= limit) stop();
    }, TICK_MILLISECONDS);
    return () => clearInterval(timer);
  }, [since.value]);

  const finish = async (chunks: Blob[], type: string) => {
    const context = new AudioContext();
    try {
      const buffer = await context.decodeAudioData(await new Blob(chunks, { type }).arrayBuffer());
      const channels = Array.from({ length: buffer.numberOfChannels }, (_, number) => buffer.getChannelData(number));
      ask({ sound: await dataAddress(new Blob([wavOf(channels, buffer.sampleRate)], { type: "audio/wav" })) });
    } catch {
      problem.value = t("predict.record.failed");
    }
    void context.close();
  };
  const start = async () => {
    problem.value = null;
    waiting.value = true;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: true } });
      const end = () => {
        for (const track of stream.getTracks()) track.stop();
      };
      if (!alive.current) {
        end();
        return;
      }
      onStart();
      const made = new MediaRecorder(stream);
      const chunks: Blob[] = [];
      made.ondataavailable = (event) => {
        if (event.data.size > 0) chunks.push(event.data);
      };
      made.onstop = () => {
        end();
        since.value = null;
        if (alive.current) void finish(chunks, made.mimeType);
      };
      made.start();
      recorder.current = made;
      passed.value = 0;
      since.value = performance.now();
    } catch (error) {
      problem.value = refusal(error);
    }
    waiting.value = false;
  };

  const recording = since.value !== null;
  return (
    <div class="s-stack p-record">
      <p class="s-muted">{t("predict.record.help", { seconds: duration(form.seconds) })}</p>
      <div class="s-row">
        {recording ? (
          <button type="button" class="s-button s-primary" onClick={stop}>
            <Icon name="stop" />
            {t("predict.record.stop")}
          </button>
        ) : (
          <button type="button" class="s-button s-primary" disabled={!able || waiting.value} onClick={() => void start()}>
            <Icon name="record" />
            {t("predict.record.start")}
          </button>
        )}
        {recording && (
          <span class="s-number" role="status">
            {t("predict.record.now", { seconds: passed.value.toFixed(1), most: duration(limit) })}
          </span>
        )}
        {!able && <span class="s-muted">{t("predict.record.unable")}</span>}
      </div>
      <div class="s-progress" role="progressbar" aria-label={t("predict.record.length")} aria-valuemin={0} aria-valuemax={limit} aria-valuenow={Math.round(passed.value)} style={recording ? {} : { visibility: "hidden" }}>
        <div style={{ width: `${Math.min(100, (passed.value / limit) * 100)}%` }} />
      </div>
      {problem.value && (
        <p class="s-problem" role="alert">
          {problem.value}
        </p>
      )}
    </div>
  );
}
