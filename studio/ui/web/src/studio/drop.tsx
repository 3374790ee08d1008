import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { address } from "./api";
import { bytes, percent } from "./format";
import { Icon } from "./icons";
import { t } from "./words";

/** A file that has arrived on the server, under the id that later requests name. */
export interface Upload {
  upload: string;
  name: string;
  bytes: number;
}

/** Sends a file as it is, and tells how much has arrived (0 to 1). Throws an Error with the server's sentence. */
export function send(file: File, progress: (share: number) => void, signal?: AbortSignal): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells nothing of the progress of what it sends
    request.open("POST", address(`api/uploads?name=${encodeURIComponent(file.name)}`));
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.onprogress = (event) => progress(event.lengthComputable && event.total > 0 ? event.loaded / event.total : 0);
    request.onload = () => {
      let answer: { error?: string } & Partial<Upload> = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // not ours: the status below says what there is to say
      }
      if (request.status < 300) resolve(answer as Upload);
      else reject(new Error(answer.error ?? t("drop.refused", { status: request.status })));
    };
    request.onerror = () => reject(new Error(t("drop.lost")));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

interface DropProps {
  /** The accessible name, and the sentence in the field. */
  label: string;
  /** What may be dropped, in small letters below. */
  hint?: string;
  /** As of an `input type=file`: ".zip,.csv". */
  accept?: string;
  onUpload: (upload: Upload) => void | Promise<void>;
}

/** A place to drop a file on, or to choose one by click or keyboard; shows how much is sent. */
export function Drop({ label, hint, accept, onUpload }: DropProps) {
  const id = useId();
  const over = useSignal(false);
  const sending = useSignal<{ name: string; bytes: number; share: number } | null>(null);
  const problem = useSignal<string | null>(null);
  const abort = useRef<AbortController | null>(null);

  const take = async (file: File | undefined) => {
    if (!file || sending.value) return;
    problem.value = null;
    abort.current = new AbortController();
    sending.value = { name: file.name, bytes: file.size, share: 0 };
    try {
      const upload = await send(
        file,
        (share) => {
          sending.value = { name: file.name, bytes: file.size, share };
        },
        abort.current.signal,
      );
      await onUpload(upload);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) problem.value = error instanceof Error ? error.message : String(error);
    }
    sending.value = null;
  };

  const now = sending.value;
  return (
    <div>
      <label
        class={`s-drop${over.value ? " s-over" : ""}`}
        for={id}
        onDragOver={(event) => {
          event.preventDefault();
          over.value = true;
        }}
        onDragLeave={() => {
          over.value = false;
        }}
        onDrop={(event) => {
          event.preventDefault();
          over.value = false;
          void take(event.dataTransfer?.files[0]);
        }}
      >
        <Icon name="upload" />
        {now ? (
          <span class="s-number" aria-live="polite">
            {t("drop.sending", { name: now.name, share: percent(now.share), size: bytes(now.bytes) })}
          </span>
        ) : (
          <span>{label}</span>
        )}
        {now ? (
          <div class="s-progress s-drop-progress" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(now.share * 100)}>
            <div style={{ width: `${now.share * 100}%` }} />
          </div>
        ) : (
          hint && <small>{hint}</small>
        )}
        <input
          id={id}
          class="s-visually-hidden"
          type="file"
          aria-label={label}
          accept={accept}
          disabled={now !== null}
          onChange={(event) => {
            const input = event.currentTarget;
            void take(input.files?.[0]).then(() => {
              input.value = ""; // the same file can be chosen again
            });
          }}
        />
      </label>
      {now && (
        <button type="button" class="s-button s-small s-drop-cancel" onClick={() => abort.current?.abort()}>
          {t("drop.cancel")}
        </button>
      )}
      {problem.value && (
        <p class="s-problem" role="alert">
          {problem.value}
        </p>
      )}
    </div>
  );
}
