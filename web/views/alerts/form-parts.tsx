/** Parts of the forms about alerts. */
import { useSignal, type Signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

import { Icon } from '../../parts/icon.tsx';
import { useForm } from '../../parts/use-form.ts';
import { readerName, rememberReader } from '../../store/reader.ts';
import { adjust } from '../../url/location.ts';

export interface TextFieldProps {
  readonly label: string;
  readonly value: Signal<string>;
  readonly hint?: string;
  readonly list?: string;
  readonly isRequired?: boolean;
  /** What is wrong with it. */
  readonly problem?: string | undefined;
}

export function TextField({ label, value, hint, list, isRequired = false, problem }: TextFieldProps): JSX.Element {
  const id = useId();
  return (
    <div>
      <label class={problem === undefined ? 'fld' : 'fld bad'}>
        <span>{label}</span>
        <input
          type="text"
          value={value}
          placeholder={hint}
          list={list}
          required={isRequired}
          autocomplete="off"
          maxLength={1000}
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? undefined : id}
          onInput={({ currentTarget }) => {
            value.value = currentTarget.value;
          }}
        />
      </label>
      {problem !== undefined && (
        <p class="fld-problem crit s" id={id}>
          {problem}
        </p>
      )}
    </div>
  );
}

/** Stays where it arose. */
export function FormProblem({ text }: { text: string | undefined }): JSX.Element | null {
  if (text === undefined) return null;
  return (
    <p class="problem-line crit" role="alert">
      <Icon name="crit" tone="crit" />
      {text}
    </p>
  );
}

export interface ActFormProps {
  /** On its button. */
  readonly act: string;
  readonly isDisabled?: boolean;
  /** What follows from it. */
  readonly note: ComponentChildren;
  /** @param by who does it */
  readonly send: (by: string) => Promise<void>;
  /** What it asks for before the reader's name. */
  readonly children?: ComponentChildren;
}

/** What a reader does in their name. Closes when it is done. */
export function ActForm({ act, isDisabled = false, note, send, children }: ActFormProps): JSX.Element {
  const by = useSignal(readerName());
  const { error, isBusy, onSubmit } = useForm(async () => {
    rememberReader(by.value);
    await send(by.value);
    closeForm();
  });
  return (
    <form onSubmit={onSubmit}>
      {children}
      <TextField label="Your name" value={by} isRequired />
      <p class="mut s wrap">{note}</p>
      <FormProblem text={error.value} />
      <button type="submit" class="btn p big" disabled={isDisabled || isBusy.value}>
        {act}
      </button>
    </form>
  );
}

/** Not a step to return to: Back goes to where the reader was before the form. */
export function closeForm(): void {
  adjust({ do: undefined, for: undefined });
}
