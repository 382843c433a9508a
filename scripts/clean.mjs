/** Removes what an earlier build left, so that a file that was renamed does not ship twice. */
import { rmSync } from 'node:fs';

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
