/** Opens a session with the password of a form. */
import { useSignal, type Signal } from '@preact/signals';

import { signIn } from '../api/session.ts';
import { session } from '../store/live.ts';

export interface SigningIn {
  /** Why it failed; undefined if it did not. */
  readonly error: Signal<string | undefined>;
  readonly isBusy: Signal<boolean>;
  /** For a form with a field `password`. */
  readonly onSubmit: (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => void;
}

/** @param refusal why a session could not be opened before */
export function useSignIn(refusal?: string): SigningIn {
  const error = useSignal(refusal);
  const isBusy = useSignal(false);
  const submit = async (form: HTMLFormElement) => {
    isBusy.value = true;
    try {
      const password = new FormData(form).get('password');
      session.value = await signIn(typeof password === 'string' ? password : '');
    } catch (problem) {
      error.value = problem instanceof Error ? problem.message : String(problem);
      form.querySelector('input')?.select();
    }
    isBusy.value = false;
  };
  return {
    error,
    isBusy,
    onSubmit: (event) => {
      event.preventDefault();
      void submit(event.currentTarget);
    },
  };
}
