/** How messages show times and links, from the configuration. */
import { describe, expect, it } from '@jest/globals';

import { alertsSchema } from '../../src/alerts/schema.ts';
import { compileAlerts } from '../../src/alerts/settings.ts';
import { compose } from '../../src/alerts/notify/compose.ts';
import type { Word } from '../../src/alerts/notify/attempt-record.ts';
import { diskAlert, endedDisk } from '../support/kit/sample-alerts.ts';

import { allFields } from './rules/rule-kit.ts';

async function compiled(config: object) {
  return compileAlerts(alertsSchema.parse({ defaults: 'off', ...config }), [], await allFields());
}

describe('the time zone of messages', () => {
  it('M-016: is the configured one, or that of the system', async () => {
    const { settings, problems } = await compiled({ timezone: 'Europe/Athens' });
    expect(problems).toEqual([]);
    expect(settings.display.timeZone).toBe('Europe/Athens');
    const system = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect((await compiled({})).settings.display.timeZone).toBe(system);
  });

  it('M-016: that is unknown is an error with a suggestion', async () => {
    const { problems } = await compiled({ timezone: 'Europe/Atens' });
    expect(problems).toEqual([
      { path: ['timezone'], message: '"Europe/Atens" is not a time zone', hint: 'did you mean "Europe/Athens"?' },
    ]);
  });
});

describe('a composed notification', () => {
  const word = (fingerprint: string, kind: Word['kind']): Word => ({
    id: fingerprint.repeat(2),
    fingerprint,
    episode: 'e',
    words: 0,
    kind,
    level: 'critical',
    flapping: false,
    group: { key: 'all:{}', route: 'all', tags: {} },
  });
  const views = [diskAlert('web1'), endedDisk('web2')];
  const composed = (publicUrl: string | undefined) =>
    compose(
      {
        id: 'x',
        receiver: 'ops',
        reason: 'new_alerts',
        group: { key: 'all:{}', route: 'all', tags: {} },
        listed: [word(views[0]!.fingerprint, 'fired'), word(views[1]!.fingerprint, 'ended')],
        counted: [word('a', 'fired'), word('b', 'ended'), word('c', 'missed')],
        unchanged: 2,
        reminder: 0,
      },
      {
        now: 0,
        viewOf: ({ fingerprint }) => views.find((view) => view.fingerprint === fingerprint),
        display: { publicUrl, timeZone: 'UTC' },
        detail: 'full',
      },
    );

  it('M-002: counts what fires, also unchanged, and what is resolved, listed or not', () => {
    expect(composed(undefined)).toMatchObject({ truncated: 3, counts: { firing: 4, resolved: 3 } });
  });

  it('M-022: links to the page of each alert only if there is a public URL', async () => {
    const { settings } = await compiled({ public_url: 'https://healthd.example.org/' });
    const [first] = composed(settings.display.publicUrl).alerts;
    expect(first?.url).toBe(`https://healthd.example.org/alerts/${first?.fingerprint}`);
    expect(composed(undefined)).toMatchObject({
      links: [],
      alerts: [expect.not.objectContaining({ url: expect.anything() }), {}],
    });
  });
});
