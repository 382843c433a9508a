/** A form that is sent: busy meanwhile, and why it failed. */
import { useSignal, type Signal } from '@preact/signals';

type FormEvent = SubmitEvent & { readonly currentTarget: HTMLFormElement };

export interface FormState {
  /** Why it failed; undefined if it did not. */
  readonly error: Signal<string | undefined>;
  readonly isBusy: Signal<boolean>;
  readonly onSubmit: (event: FormEvent) => void;
}

/**
 * @param send what it throws is shown
 * @param before why it failed earlier
 */
export function useForm(send: (form: HTMLFormElement) => Promise<void>, before?: string): FormState {
  const error = useSignal(before);
  const isBusy = useSignal(false);
  const submit = async (form: HTMLFormElement) => {
    isBusy.value = true;
    error.value = undefined;
    try {
      await send(form);
    } catch (problem) {
      error.value = problem instanceof Error ? problem.message : String(problem);
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
