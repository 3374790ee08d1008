import { Icon, t } from "@studio";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

/** A dialog over the page, with its title; Escape, the cross and a click beside it close it. */
export function Dialog({ title, kind = "", onClose, children }: { title: string; kind?: string; onClose: () => void; children: ComponentChildren }) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close(); // gives the focus back
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`s-dialog ${kind}`}
      aria-labelledby={`${id}-title`}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => event.target === dialog.current && onClose()}
    >
      <div class="s-dialog-inner">
        <header class="s-spread">
          <h2 id={`${id}-title`}>{title}</h2>
          <button type="button" class="s-reset" aria-label={t("model.add.close")} title={t("model.add.close")} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
