/**
 * Preloaded into a healthd whose V8 shall have another interrupt budget than the one that it sets itself:
 * `BUDGET=5000 node --import ./interrupt-budget.mjs cli.js run`, or `BUDGET=default` for V8's own.
 */
import { syncBuiltinESMExports } from 'node:module';
import v8 from 'node:v8';

const { BUDGET } = process.env;
const { setFlagsFromString } = v8;

v8.setFlagsFromString = (flag) => {
  if (!flag.startsWith('--interrupt-budget=')) setFlagsFromString(flag);
  else if (BUDGET !== 'default') setFlagsFromString(`--interrupt-budget=${BUDGET}`);
};
syncBuiltinESMExports();
