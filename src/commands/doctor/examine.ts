/** All checks of the doctor, in the order of its report. */
import { systemClock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import { rejectionOf } from '../../host/deadline.ts';

import { checkConfiguration } from './config.ts';
import { checkDestinations } from './destinations.ts';
import { checkDocker } from './docker.ts';
import { problem, type Check, type DoctorFinding, type Patient } from './finding.ts';
import { checkHubs } from './hubs.ts';
import { checkClock, checkNames, checkPorts } from './network.ts';
import { checkState } from './state.ts';

const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ['configuration', checkConfiguration],
  ['state directory', checkState],
  ['Docker', checkDocker],
  ['names', checkNames],
  ['clock', checkClock],
  ['ports', checkPorts],
  ['destinations', checkDestinations],
  ['hubs', checkHubs],
];

/** Of one check, so that nothing that hangs holds up the others. ms */
const TIMEOUT_MS = 30_000;

/** Never throws: a check that fails is a finding. */
export async function examine(patient: Patient): Promise<readonly DoctorFinding[]> {
  const found = CHECKS.map(async ([name, check]) => {
    const signal = systemClock.signal(TIMEOUT_MS);
    try {
      return await Promise.race([check(patient, signal), rejectionOf(signal)]);
    } catch (error) {
      return [problem(`The check of the ${name} failed: ${describeError(error)}`, 'try again, with --report FILE')];
    }
  });
  return (await Promise.all(found)).flat();
}
