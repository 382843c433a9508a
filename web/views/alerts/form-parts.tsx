/** Parts of the forms about alerts. */
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

import { Icon } from '../../parts/icon.tsx';
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

/** Not a step to return to: Back goes to where the reader was before the form. */
export function closeForm(): void {
  adjust({ do: undefined, for: undefined });
}
