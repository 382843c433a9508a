/** Opens a session with the password of a form. */
import { signIn } from '../api/session.ts';
import { session } from '../store/live.ts';

import { useForm, type FormState } from './use-form.ts';

/**
 * For a form with a field `password`, and perhaps `user`.
 *
 * @param refusal why a session could not be opened before
 */
export function useSignIn(refusal?: string): FormState {
  return useForm(async (form) => {
    const { password, user = '' } = Object.fromEntries(new FormData(form)) as Record<string, string>;
    try {
      session.value = await signIn(password ?? '', user);
    } catch (problem) {
      form.querySelector('input')?.select();
      throw problem;
    }
  }, refusal);
}
