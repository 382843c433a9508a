import { describe, expect, it } from '@jest/globals';

import type { Origin } from '../../../src/alerts/engine/departure.ts';
import { compileOne } from '../rules/rule-kit.ts';

import { fakeRule, HOUR, Kit, MINUTE, SECOND } from './engine-kit.ts';

/** `alias=content` for each input; the part of the alias before `-` is the plugin. */
function originOf(host: string, ...inputs: readonly string[]): Origin {
  return {
    host,
    inputs: inputs.map((input) => {
      const [alias = ''] = input.split('=');
      return { alias, plugin: alias.split('-')[0] ?? '', fingerprint: input };
    }),
  };
}

const web1 = originOf('web1', 'disk', 'exec');
const withoutDisk = originOf('web1', 'exec');

/** A sample of a disk every ten seconds. */
function gather(kit: Kit, ms: number, { path = '/var', host = 'web1', input = 'disk', used = 95 } = {}): void {
  kit.pass(ms, (second) => {
    if (second % 10 === 0) kit.observe('disk', { host, path }, { used }, kit.clock.now(), input);
  });
}

function firing(options: ConstructorParameters<typeof Kit>[0] = {}): Kit {
  const kit = new Kit({ origin: web1, ...options });
  gather(kit, 2 * MINUTE);
  expect(kit.emitted()).toEqual(['fired warning /var']);
  return kit;
}

describe('F-013: an input that is removed', () => {
  it('resolves its alerts, with that as the reason also in the history', () => {
    const kit = firing();
    kit.engine.reload([fakeRule()], {}, withoutDisk);
    kit.pass(50 * SECOND);
    expect(kit.emitted()).toEqual([]);
    kit.pass(20 * SECOND);
    expect(kit.emitted()).toEqual(['resolved /var input_removed']);
    const [entry] = kit.store.history({ limit: 1, kinds: ['transition'] });
    expect(entry).toMatchObject({ reason: 'resolved', detail: { detail: 'input_removed' } });
    expect(kit.engine.summaries()).toEqual([]);
    expect(kit.restart(MINUTE).states()).toEqual([]);
  });

  it('resolves its alerts after a restart', () => {
    const next = firing().restart(MINUTE, { origin: withoutDisk });
    next.pass(4 * MINUTE);
    expect(next.emitted()).toEqual([]);
    next.pass(2 * MINUTE);
    expect(next.emitted()).toEqual(['resolved /var input_removed']);
  });

  it('leaves alerts of other inputs alone, and those whose input is not known', () => {
    const kit = firing();
    gather(kit, MINUTE, { path: '/opt', input: 'exec' });
    kit.disk(95, { path: '/srv' });
    kit.emitted();
    kit.engine.reload([fakeRule()], {}, withoutDisk);
    kit.pass(2 * HOUR);
    expect(kit.emitted()).toEqual(['resolved /var input_removed']);
    expect(kit.states()).toEqual(['firing warning /opt', 'firing warning /srv']);
  });

  it('is not evaluated any more, should it still report', () => {
    const kit = firing();
    kit.engine.reload([fakeRule()], {}, withoutDisk);
    gather(kit, 2 * MINUTE);
    gather(kit, MINUTE, { path: '/srv' });
    expect(kit.emitted()).toEqual(['resolved /var input_removed']);
  });

  it('resolves nothing that is reported under another alias, now and later', () => {
    const kit = firing();
    kit.engine.reload([fakeRule()], {}, originOf('web1', 'disk-local'));
    kit.pass(30 * SECOND);
    gather(kit, 10 * MINUTE, { input: 'disk-local' });
    kit.pass(HOUR);
    expect(kit.states()).toEqual(['firing warning /var']);
    const next = kit.restart(MINUTE, { origin: originOf('web1', 'disk-local') });
    next.pass(HOUR);
    expect([...kit.emitted(), ...next.emitted()]).toEqual([]);
  });

  it('waits for three intervals of a slow series', () => {
    const kit = new Kit({ origin: web1 });
    for (let count = 0; count < 4; count += 1) {
      kit.observe('disk', { host: 'web1', path: '/var' }, { used: 95 }, kit.clock.now(), 'disk');
      kit.pass(10 * MINUTE);
    }
    kit.emitted();
    kit.engine.reload([fakeRule()], {}, withoutDisk);
    kit.pass(29 * MINUTE);
    expect(kit.emitted()).toEqual([]);
    kit.pass(2 * MINUTE);
    expect(kit.emitted()).toEqual(['resolved /var input_removed']);
  });

  it('is found also if the number of another one without an alias moves up', () => {
    const kit = new Kit({ origin: originOf('web1', 'exec=a', 'exec-2=b') });
    gather(kit, MINUTE, { path: '/a', input: 'exec' });
    gather(kit, MINUTE, { path: '/b', input: 'exec-2' });
    kit.emitted();
    kit.engine.reload([fakeRule()], {}, originOf('web1', 'exec=b'));
    gather(kit, 5 * MINUTE, { path: '/b', input: 'exec' });
    expect(kit.emitted()).toEqual(['resolved /a input_removed']);
    expect(kit.states()).toEqual(['firing warning /b']);
  });

  it('is not one that was only changed, even if it fails from then on', () => {
    const kit = firing();
    kit.engine.reload([fakeRule()], {}, originOf('web1', 'disk=changed', 'exec'));
    kit.pass(2 * HOUR);
    expect(kit.emitted()).toEqual([]);
    expect(kit.states()).toEqual(['firing warning /var']);
  });

  it('makes no silence of a heartbeat rule, and is forgotten over restarts', async () => {
    const deadman = { after: '30s', forget: '14d' };
    const rules = [await compileOne({ id: 'silent', metric: 'disk.used', group_by: ['path'], deadman })];
    const kit = new Kit({ origin: web1, rules });
    gather(kit, 2 * MINUTE);
    kit.engine.reload(rules, {}, withoutDisk);
    kit.pass(HOUR);
    const next = kit.restart(MINUTE, { rules, origin: web1 });
    next.pass(HOUR);
    expect([...kit.emitted(), ...next.emitted()]).toEqual([]);
  });

  it('ends a heartbeat alert that fires', async () => {
    const deadman = { after: '30s', forget: '14d' };
    const rules = [await compileOne({ id: 'silent', metric: 'disk.used', group_by: ['path'], deadman })];
    const kit = new Kit({ origin: web1, rules });
    gather(kit, MINUTE);
    kit.pass(MINUTE);
    const next = kit.restart(MINUTE, { rules, origin: withoutDisk });
    next.pass(10 * MINUTE);
    expect([...kit.emitted(), ...next.emitted()]).toEqual([
      'fired critical /var no_data',
      'resolved /var input_removed',
    ]);
  });

  it('leaves an alert alone that another input goes on feeding', () => {
    const kit = firing();
    kit.engine.reload([fakeRule()], {}, withoutDisk);
    gather(kit, 10 * MINUTE, { input: 'exec' });
    gather(kit, SECOND * 10, { input: 'exec', used: 10 });
    expect(kit.emitted()).toEqual(['resolved /var']);
  });

  it('resolves the alert of an expression that misses one of its measurements', () => {
    const rule = fakeRule({
      watch(name) {
        const operand = ['cpu', 'mem'].indexOf(name);
        return operand === -1 ? undefined : { identity: {}, operands: [{ field: 'v', operand }] };
      },
      createEvaluator() {
        const values: number[] = [];
        return {
          add: (operand, value) => (values[operand] = Number(value)),
          judge() {
            const [cpu, mem] = values.splice(0);
            return cpu === undefined || mem === undefined
              ? undefined
              : { reached: 'warning', held: 'warning', value: cpu + mem };
          },
        };
      },
    });
    const kit = new Kit({ rules: [rule], origin: originOf('web1', 'cpu', 'mem') });
    const report = (inputs: readonly string[]) => {
      kit.pass(5 * MINUTE, (second) => {
        if (second % 10 !== 0) return;
        for (const input of inputs) kit.observe(input, { host: 'web1' }, { v: 1 }, kit.clock.now(), input);
      });
    };
    report(['cpu', 'mem']);
    expect(kit.emitted()).toEqual(['fired warning']);
    kit.engine.reload([rule], {}, originOf('web1', 'mem'));
    report(['mem']);
    expect(kit.emitted()).toEqual(['resolved input_removed']);
  });

  it('is not forgiven by a freeze or a clock jump', () => {
    const kit = firing();
    kit.engine.reload([fakeRule()], {}, withoutDisk);
    kit.pass(55 * SECOND);
    kit.freeze(10 * MINUTE);
    kit.pass(2 * SECOND);
    kit.clock.step(-3 * HOUR);
    kit.pass(3 * MINUTE);
    expect(kit.emitted()).toEqual(['resolved /var input_removed']);
  });
});

describe('F-013: a host that is renamed', () => {
  const db1 = originOf('db1', 'disk', 'exec');

  it('resolves the alerts of its old name, while those of the new one fire', () => {
    const kit = firing();
    kit.engine.reload([fakeRule()], {}, db1);
    gather(kit, 2 * MINUTE, { host: 'db1' });
    expect(kit.emitted()).toEqual(['fired warning /var', 'resolved /var host_renamed']);
    expect(kit.engine.alerts().map(({ alert }) => alert.host)).toEqual(['db1']);
  });

  it('resolves the alerts of its old name after a restart', () => {
    const next = firing().restart(MINUTE, { origin: db1 });
    gather(next, 6 * MINUTE, { host: 'db1' });
    expect(next.emitted()).toEqual(['fired warning /var', 'resolved /var host_renamed']);
  });

  it('leaves alerts of other hosts alone', () => {
    const kit = new Kit({ origin: web1 });
    gather(kit, MINUTE, { host: 'web2', input: 'exec' });
    kit.emitted();
    kit.engine.reload([fakeRule()], {}, db1);
    kit.pass(HOUR);
    expect(kit.emitted()).toEqual([]);
    expect(kit.states()).toEqual(['firing warning /var']);
  });

  it('resolves nothing if it gets its old name back', () => {
    const kit = firing();
    kit.engine.reload([fakeRule()], {}, db1);
    kit.pass(30 * SECOND);
    kit.engine.reload([fakeRule()], {}, web1);
    kit.pass(HOUR);
    expect(kit.emitted()).toEqual([]);
    expect(kit.states()).toEqual(['firing warning /var']);
  });

  it('ends a pending alert without a notification', () => {
    const rules = [fakeRule({ timing: { for: { warning: 20 * MINUTE } } })];
    const kit = new Kit({ origin: web1, rules });
    gather(kit, 5 * MINUTE);
    expect(kit.states()).toEqual(['pending warning /var']);
    kit.engine.reload(rules, {}, db1);
    kit.pass(2 * MINUTE);
    expect([kit.states(), kit.emitted()]).toEqual([[], []]);
  });
});
