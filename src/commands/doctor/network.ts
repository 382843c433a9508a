/** Name resolution, the clock compared with others, and ports. */
import { lookup } from 'node:dns/promises';
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { createServer } from 'node:net';

import type { AgentAnswer } from '../../api/agent.ts';
import { systemClock } from '../../core/clock.ts';
import { errorCode } from '../../core/errors.ts';
import { parseListen, type ListenAddress } from '../../core/listen-address.ts';

import { addressesOf, namesOf } from './addresses.ts';
import { fine, problem, warning, type Check, type DoctorFinding, type Patient } from './finding.ts';

export const checkNames: Check = async ({ config }) => {
  if (config === undefined) return [];
  const found = [...namesOf(addressesOf(config))].map(async ([name, owner]) => {
    try {
      const { address } = await lookup(name);
      return fine(`Name ${name}: ${address}`);
    } catch (error) {
      const text = `Name ${name}, of ${owner}: cannot be resolved (${errorCode(error) ?? 'no answer'})`;
      return problem(text, `getent hosts ${name}; correct the name, or the servers in /etc/resolv.conf`);
    }
  });
  return Promise.all(found);
};

/** Beyond it, alerts and charts of several hosts do not match. ms */
const MAX_OFFSET_MS = 5000;

/** The header `Date` of each web server that metrics or notifications go to; its own clock may be wrong, so it is a warning. */
export const checkClock: Check = async ({ config }, signal) => {
  const origins = new Map(
    (config === undefined ? [] : addressesOf(config))
      .filter(({ url }) => /^https?:$/.test(url.protocol))
      .map(({ url }) => [url.origin, url]),
  );
  const offsets = await Promise.all([...origins.values()].map((url) => offsetOf(url, signal)));
  const findings = [...origins.keys()].flatMap((origin, index): readonly DoctorFinding[] => {
    const offset = offsets[index];
    if (offset === undefined) return [];
    const seconds = Math.round(Math.abs(offset) / 1000);
    if (Math.abs(offset) <= MAX_OFFSET_MS) return [fine(`Clock: agrees with ${origin}`)];
    const text = `Clock: ${seconds} s ${offset > 0 ? 'behind' : 'ahead of'} that of ${origin}`;
    return [warning(text, 'timedatectl status; sudo timedatectl set-ntp true')];
  });
  return findings;
};

/** @returns how much later it is there than here, ms, to a second; undefined if the server does not say */
function offsetOf(url: URL, signal: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve) => {
    const send = url.protocol === 'https:' ? secureRequest : request;
    const asked = send(`${url.origin}/`, { method: 'HEAD', signal, timeout: 3000 }, (response) => {
      response.destroy();
      const there = Date.parse(response.headers.date ?? '');
      resolve(Number.isNaN(there) ? undefined : there - systemClock.now());
    });
    asked.on('timeout', () => asked.destroy());
    // What is wrong with the destination is the subject of its own check.
    asked.on('error', () => {
      resolve(undefined);
    });
    asked.end();
  });
}

/** Ports of options named `listen`, such as that of the output `prometheus`. A running agent has them itself. */
export const checkPorts: Check = async (patient) => {
  if (patient.agent !== undefined) return troubleOf(patient.agent);
  return (await Promise.all(listenOptions(patient).map(portFinding))).flat();
};

function troubleOf({ portTrouble }: AgentAnswer): readonly DoctorFinding[] {
  if (portTrouble === undefined) return [];
  const remedy = 'free the port, which the agent then takes, or set another server.listen';
  return [problem(`The page, the API and the hub are not served: ${portTrouble}`, remedy)];
}

interface Listening {
  readonly owner: string;
  readonly host: string | undefined;
  readonly port: number;
}

function listenOptions({ config }: Patient): readonly Listening[] {
  const server = (config as { readonly server?: unknown } | undefined)?.server;
  const all = [
    ['server', server] as const,
    ...[...(config?.outputs ?? []), ...(config?.inputs ?? [])].map(
      ({ plugin, alias, options }) => [`${plugin.kind} ${alias}`, options] as const,
    ),
  ];
  return all.flatMap(([owner, options]) => {
    const listen = (options as { readonly listen?: unknown } | undefined)?.listen;
    const address = typeof listen === 'string' ? parseListen(listen) : (listen as ListenAddress | undefined);
    return address === undefined ? [] : [{ owner, host: address.host, port: address.port }];
  });
}

async function portFinding({ owner, host, port }: Listening): Promise<readonly DoctorFinding[]> {
  const code = await bindingError(host, port);
  if (code === undefined) return [fine(`Port ${port}, of ${owner}: free`)];
  if (code === 'EADDRINUSE') {
    return [
      problem(
        `Port ${port}, of ${owner}: in use by another program`,
        `sudo ss -ltnp 'sport = :${port}'; or set another listen`,
      ),
    ];
  }
  if (code === 'EACCES') {
    return [problem(`Port ${port}, of ${owner}: only root may use it`, 'set listen to a port from 1024 on')];
  }
  return [
    problem(`Port ${port}, of ${owner}: ${host ?? ''} is no address of this host (${code})`, 'ip addr; correct listen'),
  ];
}

function bindingError(host: string | undefined, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      resolve(errorCode(error) ?? error.message);
    });
    server.listen({ host, port }, () => {
      server.close(() => {
        resolve(undefined);
      });
    });
  });
}
