/** Parts of the forms about alerts. */
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';

import { Icon } from '../../parts/icon.tsx';
import { adjust } from '../../url/location.ts';

export interface TextFieldProps {
  readonly label: string;
  readonly value: Signal<string>;
  readonly hint?: string;
  readonly list?: string;
  readonly isRequired?: boolean;
}

export function TextField({ label, value, hint, list, isRequired = false }: TextFieldProps): JSX.Element {
  return (
    <label class="fld">
      <span>{label}</span>
      <input
        type="text"
        value={value}
        placeholder={hint}
        list={list}
        required={isRequired}
        autocomplete="off"
        maxLength={1000}
        onInput={({ currentTarget }) => {
          value.value = currentTarget.value;
        }}
      />
    </label>
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
