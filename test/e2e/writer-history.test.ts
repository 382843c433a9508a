/** What a program without an agent writes to a hub is kept under its host, until that is forgotten. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import type { SeriesAnswer } from '../../src/api/series.ts';
import { FleetProcesses } from '../support/kit/fleet.ts';
import { freePort, waitFor } from '../support/servers/real-server.ts';

const LIMIT = 240_000;
const PATIENT = { timeout: 90_000, interval: 1000 };

let fleet: FleetProcesses;
let port: number;

beforeAll(async () => {
  port = await freePort();
  fleet = new FleetProcesses({
    hub: {},
    history: {},
    inputs: ['mem', { influxdb_listener: { listen: `127.0.0.1:${port}` } }],
  });
  await fleet.startHub();
}, LIMIT);

afterAll(() => fleet.close(), 60_000);

async function names(query: string): Promise<readonly string[] | undefined> {
  const answer = await fetch(`${fleet.url}/api/v1/series?${query}`);
  if (answer.status === 404) return undefined;
  const { sets } = (await answer.json()) as SeriesAnswer;
  return sets.map(({ measurement, tags }) => `${measurement} ${JSON.stringify(tags)}`);
}

test(
  'series of a plain writer are those of its host, and go with it',
  async () => {
    await waitFor(async () => {
      const lines = 'jobs,host=old1,queue=mail waiting=7\njobs,host=old2 waiting=4\n';
      const { status } = await fetch(`http://127.0.0.1:${port}/write?db=telegraf`, { method: 'POST', body: lines });
      expect(status).toBe(204);
      return (await names('host=old1&q=jobs'))?.length === 1;
    }, PATIENT);
    expect(await names('host=old1&q=jobs')).toEqual(['jobs {"queue":"mail","host":"old1"}']);
    await fleet.run('hub', 'forget', 'old1');
    await waitFor(async () => (await names('host=old1&q=jobs')) === undefined, PATIENT);
    expect(await names('host=old2&q=jobs')).toHaveLength(1);
  },
  LIMIT,
);
