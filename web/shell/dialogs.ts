/** Which dialog of the shell is open. */
import { signal } from '@preact/signals';

export const isSearching = signal(false);
export const isHelping = signal(false);
