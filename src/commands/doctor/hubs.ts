/** Each hub that this host has joined: whether it answers. It is not signed in to, since only the running agent may. */
import { nonceAnswer } from '../../api/hub-protocol.ts';
import { describeError } from '../../core/errors.ts';
import { createHttpClient } from '../../host/http-client.ts';
import { ask } from '../../host/hub/exchange.ts';
import { tlsOf } from '../../host/hub/link.ts';
import { Memberships } from '../../host/hub/membership.ts';

import { fine, problem, type Check, type DoctorFinding } from './finding.ts';

export const checkHubs: Check = async ({ config, environment, stateDirectory, program, agent }, signal) => {
  const outputs = (config?.outputs ?? []).filter(({ plugin }) => plugin.name === 'hub').map(({ alias }) => alias);
  const memberships = new Memberships(stateDirectory, () => outputs);
  const http = createHttpClient(environment);
  const look = async (name: string): Promise<DoctorFinding> => {
    const known = await memberships.read(name);
    if (known === undefined)
      return problem(
        `Hub ${name}: this host has not joined it`,
        'run "healthd join" with the address that the hub prints',
      );
    const { hub, id } = known;
    try {
      await ask(http, { hub, tls: tlsOf(known) }, { path: 'nonce', body: { id }, schema: nonceAnswer }, signal);
      const failure = agent?.outputs.find(({ alias }) => alias === name)?.error;
      if (failure === undefined) return fine(`Hub ${name}: ${hub} answers`);
      const [what = '', ...remedy] = failure.split('; ');
      return problem(`Hub ${name}: ${hub} answers, but: ${what}`, remedy.join('; ') || `${program} status`);
    } catch (error) {
      return problem(
        `Hub ${name}: ${hub} does not answer: ${describeError(error)}`,
        `see whether it runs, and the way to it; "${program} leave ${name}" ends the membership`,
      );
    }
  };
  const tried = outputs.map((name) =>
    look(name).catch((error: unknown) =>
      problem(`Hub ${name}: ${describeError(error)}`, 'run this as the user of the agent'),
    ),
  );
  return Promise.all(tried);
};
