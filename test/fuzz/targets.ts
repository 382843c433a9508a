/** Every parser of bytes or text from outside. */
import { ANSWERS } from './targets/answers.ts';
import { COLLECTED } from './targets/collected.ts';
import { CONFIGURATION } from './targets/configuration.ts';
import { DOCKER } from './targets/docker.ts';
import { HOST } from './targets/host.ts';
import { KAFKA } from './targets/kafka.ts';
import { KERNEL } from './targets/kernel.ts';
import { LINES } from './targets/lines.ts';
import { OTLP } from './targets/otlp.ts';
import { STATE } from './targets/state.ts';
import { WINDOWS } from './targets/windows.ts';
import { WRITTEN } from './targets/written.ts';

export const TARGETS = [
  ...LINES,
  ...COLLECTED,
  ...STATE,
  ...ANSWERS,
  ...KAFKA,
  ...DOCKER,
  ...KERNEL,
  ...HOST,
  ...OTLP,
  ...WINDOWS,
  ...WRITTEN,
  ...CONFIGURATION,
];
