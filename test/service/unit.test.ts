import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { EXAMPLE_UNIT, unitFile } from '../../src/service/systemd.ts';
import { propertyList } from '../../src/service/launchd.ts';
import { testWith } from '../support/servers/real-server.ts';

const example = join(import.meta.dirname, '../../examples/systemd/healthd.service');

test('examples/systemd/healthd.service is what healthd writes; UPDATE_GOLDEN=1 writes it', () => {
  const unit = unitFile(EXAMPLE_UNIT);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(example, unit);
  expect(readFileSync(example, 'utf8')).toBe(unit);
});

test('blanks, quotes, percent and dollar signs in paths keep their meaning', () => {
  const unit = unitFile({ ...EXAMPLE_UNIT, config: '/etc/my "own"/50%/$x.yaml' });
  expect(unit).toContain('ExecStart=/usr/bin/node /usr/lib/node_modules/healthd/dist/cli.js run --config "/etc/my \\"own\\"/50%%/$$x.yaml"\n'); // prettier-ignore
});

test('without systemd-notify the unit does not wait for it', () => {
  expect(unitFile({ ...EXAMPLE_UNIT, canNotify: false })).toMatch(/^Type=exec$/m);
});

test('the group docker is only for who watches containers', () => {
  expect(unitFile(EXAMPLE_UNIT)).not.toContain('docker');
  expect(unitFile({ ...EXAMPLE_UNIT, watchesDocker: true })).toContain('SupplementaryGroups=docker\n');
});

testWith({ binary: 'systemd-analyze', package: 'systemd' })(
  'systemd itself finds nothing wrong with the unit',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'healthd-unit-'));
    const path = join(folder, 'healthd.service');
    // Programs that are there, since it looks for them.
    writeFileSync(path, unitFile({ ...EXAMPLE_UNIT, command: [process.execPath, '/etc/hostname'] }));
    const { status, stderr, stdout } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect({ status, text: `${stdout}${stderr}`.split('\n').filter((line) => line.includes('healthd.service')) }).toEqual({ status: 0, text: [] }); // prettier-ignore
    await Promise.resolve();
  },
);

test('the property list names program, user and log, escaped', () => {
  const list = propertyList({ command: ['/usr/bin/node', '/opt/a&b/cli.js'], config: '/etc/<x>.yaml', user: 'mk' });
  expect([...list.matchAll(/<string>(.*)<\/string>/g)].map(([, text]) => text)).toEqual([
    'healthd',
    '/usr/bin/node',
    '/opt/a&amp;b/cli.js',
    'run',
    '--config',
    '/etc/&lt;x>.yaml'.replace('>', '&gt;'),
    'mk',
    '/Users/mk/Library/Logs/healthd.log',
  ]);
});
