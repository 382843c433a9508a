import { userName } from '../../host/user-name.ts';

/** The author for the history. Default: the user of this process. */
export function authorOf(by: string | undefined): string {
  return by ?? userName();
}
