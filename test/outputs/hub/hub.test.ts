/** The output against a real hub: the part and its routes on a port. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { systemClock } from '../../../src/core/clock.ts';
import { silentLog } from '../../../src/core/logger.ts';
import { hostEvidence, PROCESS_START } from '../../../src/host/hub/evidence.ts';
import { joinHub } from '../../../src/host/hub/link.ts';
import { Memberships } from '../../../src/host/hub/membership.ts';
import { openLink, type Member } from '../../../src/host/hub/open-link.ts';
import type { Goodbye, InventoryReport } from '../../../src/api/hub-protocol.ts';
import type { AgentIntake } from '../../../src/hub/control.ts';
import { HubPart } from '../../../src/hub/part.ts';
import type { HubSettings } from '../../../src/hub/settings.ts';
import { LineEncoder } from '../../../src/metric/line-protocol.ts';
import { hub } from '../../../src/outputs/hub/index.ts';
import type { OutputPlugin } from '../../../src/plugin/index.ts';
import { testContext } from '../../../src/testing.ts';
import { outputContract, type Destination } from '../../contract/output-contract.ts';
import { SETTINGS } from '../../hub/hub-kit.ts';
import { startApiServer } from '../../support/kit/api-server.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { waitFor } from '../../support/servers/real-server.ts';
import { openOutput } from '../../support/kit/open-output.ts';

const LIVE = new AbortController().signal;

const REPORT: InventoryReport = {
  ...{ os: 'Debian', kernel: '6.12.41', arch: 'x64', cores: 2, memoryBytes: 1024, timeZone: 'UTC', virtualisation: '' },
  ...{ isRebootPending: null, version: '0.0.0', tags: {}, addresses: [], inputs: [], sections: [] },
};

/** Of the agent that the test has made last. */
let member: Member;

/** As the agent makes it; the test kit for plugins has no agent. */
const withLink: OutputPlugin = {
  ...hub,
  create: (_options, context) =>
    hub.create(
      { alerts: true, deliver_after: 60_000 },
      { ...context, openHubLink: (settings) => openLink('hub', member, context, settings) },
    ),
};

describe('contract', () => {
  outputContract(() => Promise.resolve(withLink), startHub);
});

test('a command cannot send in the place of the agent, and says so', async () => {
  const output = await openOutput(hub, {});
  try {
    expect((await output.write(testBatch(['cpu,host=a n=1i 1'])))?.message).toMatch(/Only the running agent/);
  } finally {
    await output.close();
  }
});

test('only the end of the agent is a goodbye: a changed entry of the output goes on under a link of its own', async () => {
  const { close } = await startHub();
  try {
    for (const isStopping of [false, true]) {
      member = { ...member, isStopping: () => isStopping };
      const output = await openOutput(withLink, {});
      expect(await output.write(testBatch(['cpu,host=a n=1i 1']))).toBeUndefined();
      await output.close();
      expect(goodbyes).toEqual(isStopping ? ['stop'] : []);
    }
  } finally {
    await close();
  }
});

test('the hub is told the inventory of the host, and the API has it', async () => {
  const { close } = await startHub();
  const output = await openOutput(withLink, {});
  try {
    await waitFor(() => Promise.resolve(inventories()[0]?.kernel === '6.12.41'));
  } finally {
    await output.close();
    await close();
  }
});

test('an output that has sent too many lines sends the next ones later, and does not fail', async () => {
  const { close, received } = await startHub({ lines_per_second: 1000 });
  const output = await openOutput(withLink, {});
  try {
    const lines = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => `cpu,host=test n=1i ${from + index}`);
    expect(await output.write(testBatch(lines(1, 10_100)))).toBeUndefined();
    expect(await output.write(testBatch(lines(10_101, 10)))).toBeUndefined();
    expect(
      Buffer.from((await received()) ?? [])
        .toString()
        .trim()
        .split('\n'),
    ).toHaveLength(10_110);
  } finally {
    await output.close();
    await close();
  }
});

/** What the hub knows. */
let inventories: () => readonly { readonly kernel: string }[] = () => [];
/** What the hub has heard. */
let goodbyes: Goodbye[] = [];

/** As the hub's, noting goodbyes. */
function noting(intake: AgentIntake | undefined): AgentIntake | undefined {
  return (
    intake && {
      join: (...asked) => intake.join(...asked),
      nonce: (id) => intake.nonce(id),
      openSession: (request) => intake.openSession(request),
      trouble: undefined,
      session: (token) => {
        const session = intake.session(token);
        return {
          ...session,
          heartbeat: (message) => {
            if (message.goodbye !== undefined) goodbyes.push(message.goodbye);
            return session.heartbeat(message);
          },
        };
      },
    }
  );
}

/** A hub that a host has joined. */
async function startHub(over: Partial<HubSettings> = {}): Promise<Destination> {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-hub-output-'));
  const encoder = new LineEncoder();
  const part = new HubPart({
    onForgotten: () => undefined,
    knock: () => Promise.resolve('silent'),
    push: (metric) => {
      // The hub gives the name of the host to lines without one, and changes nothing else.
      const { host, ...tags } = metric.tags;
      encoder.add(host === 'test' ? { ...metric, tags } : metric);
    },
    history: () => undefined,
    storage: { trouble: undefined, nextLine: 0, written: () => Promise.resolve() },
    clock: systemClock,
    log: silentLog,
  });
  const section = {
    settings: { ...SETTINGS, ...over },
    stateDirectory: join(folder, 'hub'),
    listeners: [],
    ownName: undefined,
  };
  await (await part.prepare(section)).use();
  const sources = { hub: () => part.control, intake: () => noting(part.intake) };
  goodbyes = [];
  inventories = () => part.control?.inventories().hosts ?? [];
  const server = await startApiServer({ sources, section: { isHub: true } });
  member = {
    stateDirectory: join(folder, 'agent'),
    version: '0.0.0',
    hubs: () => ['hub'],
    hubId: () => undefined,
    isHub: () => false,
    tags: () => ({}),
    random: () => 0,
    inventory: () => Promise.resolve(REPORT),
    isStopping: () => true,
  };
  const context = testContext();
  const { token } = part.control!.createToken({ tags: {}, uses: 1, expiresMs: 3_600_000 });
  const evidence = hostEvidence(context.host, member.version, PROCESS_START, systemClock);
  const { id, key } = await joinHub(context.http, { hub: server.origin, tls: undefined, token }, evidence, LIVE);
  await new Memberships(member.stateDirectory, member.hubs).write('hub', { hub: server.origin, id, key });
  let received = Buffer.alloc(0);
  return {
    options: {},
    received: () => {
      received = Buffer.concat([received, encoder.take()]);
      return received;
    },
    close: async () => {
      context.close();
      await server.close();
      await part.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
