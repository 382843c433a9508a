/** `healthd join`: makes a key, gives its public half to the hub, and keeps the other; then the output `hub` sends. */
import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join as joinPath } from 'node:path';

import { systemClock } from '../../core/clock.ts';
import { ConfigError, describeError, errorCode } from '../../core/errors.ts';
import { createHttpClient } from '../../host/http-client.ts';
import { hostEvidence, PROCESS_START } from '../../host/hub/evidence.ts';
import { parseJoinAddress } from '../../host/hub/join-address.ts';
import { joinHub, tlsOf } from '../../host/hub/link.ts';
import { readMembership, writeMembership } from '../../host/hub/membership.ts';
import { trustedCertificate } from '../../host/hub/pinned.ts';
import { openHost } from '../../host/machine.ts';
import { healthdVersion } from '../../version.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { print } from '../print.ts';
import { readConfig } from '../read-config.ts';

export interface JoinInput extends ConfigOptions {
  readonly address: string;
}

const TIMEOUT_MS = 20_000;

export async function join({ address, ...options }: JoinInput, terminal: Terminal): Promise<ExitCode> {
  const { hub, token, fingerprint } = parseJoinAddress(address);
  const config = await readConfig(options, terminal);
  const { state_dir: stateDirectory, hostname } = config.agent;
  if ((await readMembership(stateDirectory)) !== undefined)
    print(terminal.stderr, 'This host had joined a hub already; from now on only the new one counts');
  const signal = systemClock.signal(TIMEOUT_MS);
  const host = openHost({ environment: terminal.environment, hostname });
  try {
    const trusted = await trustedCertificate(hub, fingerprint, signal);
    const http = createHttpClient(terminal.environment);
    const own = { hub, ...(trusted !== undefined && { trusted }) };
    const joined = await joinHub(
      http,
      { hub, tls: tlsOf(own), token },
      hostEvidence(host, healthdVersion(), PROCESS_START, systemClock),
      signal,
    );
    await writeMembership(stateDirectory, { ...own, id: joined.id, key: joined.key });
    print(
      terminal.stdout,
      `Joined ${hub} as ${host.hostname}${joined.isApproved ? '' : '; the hub has to approve it'}`,
    );
  } catch (error) {
    print(terminal.stderr, `Cannot join: ${describeError(error)}`);
    return EXIT.failed;
  } finally {
    host.close();
  }
  const isSending = config.outputs.some(({ plugin }) => plugin.name === 'hub');
  if (!isSending) await addOutput(config.files[0], terminal);
  print(terminal.stdout, 'Run "healthd reload", or start the agent; "healthd status" shows whether it sends');
  return EXIT.ok;
}

const OUTPUT = `# Written by "healthd join".
outputs:
  - hub
`;

/** Beside the configuration, so that what people wrote stays as it is. It has no secret, and the agent may run as another user. */
async function addOutput(file: string | undefined, { stdout, stderr }: Terminal): Promise<void> {
  if (file === undefined)
    throw new ConfigError('There is no configuration file: run "healthd init", and add "outputs: [hub]" to it');
  const path = joinPath(dirname(file), 'conf.d', 'hub.yaml');
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await writeFile(path, OUTPUT, { mode: 0o644, flag: 'wx' });
    print(stdout, `Wrote ${path}`);
  } catch (error) {
    const isThere =
      errorCode(error) === 'EEXIST' &&
      (await access(path).then(
        () => true,
        () => false,
      ));
    print(
      stderr,
      `${path} ${isThere ? 'is there already' : `cannot be written (${describeError(error)})`}; add the output hub by hand`,
    );
  }
}
