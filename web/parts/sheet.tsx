/** A dialog: at the bottom of a phone, in the middle of a desk. The focus stays inside and returns to where it was. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface SheetProps {
  readonly title: string;
  readonly onClose: () => void;
  /** Of the dialog, beside `sheet`. */
  readonly class?: string;
  readonly children: ComponentChildren;
}

export function Sheet({ title, onClose, class: more = '', children }: SheetProps): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // By itself a dialog returns the focus only while it is in the document.
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      class={`sheet ${more}`}
      ref={element}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div class="sheet-in">
        <div class="grab" />
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
