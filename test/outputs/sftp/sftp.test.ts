import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';

import { sftp } from '../../../src/outputs/sftp/index.ts';
import { manualClock } from '../../../src/testing.ts';
import { outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { waitFor } from '../../support/servers/real-server.ts';
import { diskTest, smallDisk } from '../../support/servers/small-disk.ts';
import { sshdTest, startSshd, type Sshd } from '../../support/servers/sshd.ts';

import { contentOf, LIVE, localFolder, open, optionsFor } from './open.ts';

const MINUTE = 60_000;
const ONE_A_FILE = { rotate: { size: 10, age: '365d' }, upload_interval: '1m' };
const ONE = testBatch(['m n=1i 1']);
const TWO = testBatch(['m n=2i 2']);

let server: Sshd;
let local: ReturnType<typeof localFolder>;
let clock: ReturnType<typeof manualClock>;

beforeAll(async () => {
  if (process.getuid?.() === 0) server = await startSshd();
});
afterAll(async () => {
  await (server as Sshd | undefined)?.close();
});
beforeEach(() => {
  local = localFolder();
  clock = manualClock(Date.UTC(2025, 5, 1, 12));
});
afterEach(() => {
  local.remove();
  if (process.getuid?.() !== 0) return;
  rmSync(server.folder, { recursive: true, force: true });
  mkdirSync(server.folder);
});

/** Uploads run in real time while the tests advance the clock quickly. */
const NO_TIMEOUT = { upload_timeout: '365d' };
const make = (more: object = {}) => open({ ...optionsFor(server, local.path), ...NO_TIMEOUT, ...more }, clock);
const uploaded = () => readdirSync(server.folder).sort();

/** Waits for the upload that the first write has started. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await waitFor(condition, { timeout: 8000 });
}

sshdTest(
  'uploads finished files on a schedule, under names with a hash of the content, and then removes them locally',
  async () => {
    const { output, lines } = await make(ONE_A_FILE);
    await output.write(ONE, LIVE);
    await output.write(TWO, LIVE);
    expect(contentOf(local.path)).toBe('m n=1i 1\nm n=2i 2\n');
    await until(() => {
      clock.advance(MINUTE);
      return uploaded().length === 1 && readdirSync(local.path).length === 1;
    });
    const [name = ''] = uploaded();
    expect(name).toMatch(/^healthd-web-1-20250601T12\d{7}Z-[0-9a-f]{16}\.lp\.gz$/);
    const hash = createHash('sha256')
      .update(readFileSync(join(server.folder, name)))
      .digest('hex');
    expect(name).toContain(`-${hash.slice(0, 16)}.`);
    expect(contentOf(server.folder)).toBe('m n=1i 1\n');
    expect(readdirSync(local.path)).toEqual(['current.lp']);
    expect(lines.filter((line) => !line.startsWith('debug'))).toEqual([]);
    await output.stop?.();
  },
);

sshdTest('an idle file is finished when it reaches the age', async () => {
  const { output } = await make({ rotate: { age: '10m', gzip: false }, upload_interval: '1m', format: 'csv' });
  await output.write(ONE, LIVE);
  await until(() => {
    clock.advance(MINUTE);
    return uploaded().some((name) => name.endsWith('.csv'));
  });
  expect(uploaded()[0]).toMatch(/-20250601T121\d{6}Z-[0-9a-f]{16}\.csv$/);
  expect(contentOf(server.folder)).toMatch(/^time,.*\n.*n,1i?\n$/);
  await output.stop?.();
});

sshdTest('connect logs in, creates the folder and its parents, and leaves nothing in it', async () => {
  const remote_path = `${server.folder}/of/this/host/`;
  const { output } = await make({ remote_path });
  await output.connect?.(LIVE);
  expect(readdirSync(remote_path)).toEqual([]);
  await output.stop?.();
});

sshdTest('an unexpected host key is reported, and nothing is sent', async () => {
  const other = `SHA256:${'A'.repeat(43)}`;
  const { output } = await make({ host_key: [other] });
  await expect(output.connect?.(LIVE)).rejects.toThrow(
    `127.0.0.1:${server.port} presented the host key ${server.hostKey} (ssh-ed25519), expected ${other}; ` +
      'it may be a different server, so nothing was sent',
  );
  expect(uploaded()).toEqual([]);
  await output.stop?.();
});

sshdTest('known_hosts has the key, also of a server with several keys', async () => {
  const known_hosts = join(local.path, 'known_hosts');
  const { output } = await make({ host_key: undefined, known_hosts });
  await expect(output.connect?.(LIVE)).rejects.toThrow('Cannot read the file of known_hosts');
  writeFileSync(known_hosts, `example.org ${server.knownHostsLine.split(' ').slice(1).join(' ')}\n`);
  await expect(output.connect?.(LIVE)).rejects.toThrow(`has no key for 127.0.0.1, port ${server.port}`);
  writeFileSync(known_hosts, `# comment\n${server.knownHostsLine}\n`);
  await output.connect?.(LIVE);
  await output.stop?.();
});

sshdTest('a key that the server does not accept, and one that cannot be read', async () => {
  const { default: ssh2 } = await import('ssh2');
  const private_key = join(local.path, 'key');
  const { output } = await make({ private_key, passphrase: 'the secret one' });
  const failure = async () => {
    const error = await output.connect?.(LIVE).then(
      () => new Error('it worked'),
      (thrown: unknown) => thrown as Error,
    );
    expect(error?.message).not.toContain('the secret one');
    return error?.message;
  };
  expect(await failure()).toContain('Cannot read the file of private_key');
  writeFileSync(private_key, 'nothing');
  expect(await failure()).toContain(`the file ${private_key} is not a usable private key`);
  writeFileSync(private_key, ssh2.utils.generateKeyPairSync('ed25519').private);
  expect(await failure()).toContain('the server rejected the login of root; check username and private_key');
  const encrypted = { cipher: 'aes256-ctr', passphrase: 'another', rounds: 16 };
  writeFileSync(private_key, ssh2.utils.generateKeyPairSync('ed25519', encrypted).private);
  expect(await failure()).toContain('is encrypted; set or correct passphrase');
  await output.stop?.();
});

sshdTest(
  'a server that is down: files are kept, it is logged once, and they are uploaded when it is back',
  async () => {
    await server.kill();
    const { output, lines } = await make(ONE_A_FILE);
    await expect(output.connect?.(LIVE)).rejects.toThrow(
      `Cannot connect to 127.0.0.1:${server.port} by SFTP: nothing listens there`,
    );
    await output.write(ONE, LIVE);
    await output.write(TWO, LIVE);
    const failed = () => lines.filter((line) => line.includes('annot upload'));
    await until(() => {
      clock.advance(MINUTE);
      return failed().length > 2;
    });
    expect(failed().filter((line) => line.startsWith('warn'))).toHaveLength(1);
    expect(contentOf(local.path)).toBe('m n=1i 1\nm n=2i 2\n');
    await server.restart();
    await until(() => {
      clock.advance(MINUTE);
      return uploaded().length === 1;
    });
    await until(() => lines.includes('info: Uploads work again'));
    await output.stop?.();
  },
);

sshdTest('a restart uploads pending files, including those in the middle of a step at a crash', async () => {
  writeFileSync(join(local.path, 'closed-20250601T110000000Z.lp'), 'm n=0i 0\n');
  writeFileSync(join(local.path, 'compressing.partial'), 'torn');
  writeFileSync(join(local.path, 'current.csv'), 'time,\n');
  writeFileSync(join(local.path, 'unrelated.txt'), 'stays');
  const { output } = await make();
  await output.write(ONE, LIVE);
  await until(() => uploaded().length === 2 && readdirSync(local.path).length === 2);
  expect(uploaded().map((name) => name.replace(/^healthd-web-1-|[0-9a-f]{16}\./g, ''))).toEqual([
    '20250601T110000000Z-lp.gz',
    '20250601T120000000Z-csv.gz',
  ]);
  expect(contentOf(server.folder)).toBe('m n=0i 0\ntime,\n');
  expect(readdirSync(local.path).sort()).toEqual(['current.lp', 'unrelated.txt']);
  await output.stop?.();
});

/** Creates a finished file with incompressible content. */
function writeFinished(size: number): { readonly name: string; readonly content: Buffer } {
  const content = randomBytes(size);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const name = `healthd-web-1-20250601T110000000Z-${hash}.lp.gz`;
  writeFileSync(join(local.path, name), content);
  return { name, content };
}

sshdTest('a server that is killed during an upload: it is resumed, and the result is the same', async () => {
  const { name, content } = writeFinished(48 * 2 ** 20);
  const part = join(server.folder, `${name}.part`);
  const sizeOfPart = () => statSync(part, { throwIfNoEntry: false })?.size ?? 0;
  const { output, lines } = await make({ upload_interval: '1m' });
  await output.write(ONE, LIVE);
  await until(() => sizeOfPart() > 2 ** 20);
  await server.kill();
  await until(() => lines.some((line) => line.startsWith('warn: Cannot upload')));
  expect(uploaded()).toEqual([`${name}.part`]);
  expect(readdirSync(local.path)).toContain(name);
  const before = sizeOfPart();
  expect(before).toBeLessThan(content.length);
  const { ino } = statSync(part);
  await server.restart();
  clock.advance(MINUTE);
  await until(() => !readdirSync(local.path).includes(name));
  expect(uploaded()).toEqual([name]);
  expect(statSync(join(server.folder, name)).ino).toBe(ino);
  expect(readFileSync(join(server.folder, name)).equals(content)).toBe(true);
  await output.stop?.();
});

sshdTest('a partial file is resumed; if the result does not match, it is removed and uploaded again', async () => {
  const { name, content } = writeFinished(300_000);
  const part = join(server.folder, `${name}.part`);
  writeFileSync(part, Buffer.concat([Buffer.from('x'), content.subarray(1, 100_000)]));
  const { output, lines } = await make({ upload_interval: '1m' });
  await output.write(ONE, LIVE);
  await until(() => lines.some((line) => line.includes(`${part} on the server does not match the local file`)));
  expect(readdirSync(local.path)).toContain(name);
  await until(() => {
    clock.advance(MINUTE);
    return !readdirSync(local.path).includes(name);
  });
  expect(readFileSync(join(server.folder, name)).equals(content)).toBe(true);
  await output.stop?.();
});

sshdTest('no local file is removed while the server cannot rename or is read-only', async () => {
  const { name, content } = writeFinished(1000);
  await server.restart('-P posix-rename,rename');
  const { output, lines } = await make({ upload_interval: '1m' });
  await output.write(ONE, LIVE);
  await until(() => lines.some((line) => /warn: Cannot upload.*Could not rename .*permission denied/.test(line)));
  expect(uploaded()).toEqual([`${name}.part`]);
  expect(readdirSync(local.path)).toContain(name);
  await output.stop?.();

  await server.restart('-R');
  const readOnly = await make({ upload_interval: '1m' });
  await expect(readOnly.output.connect?.(LIVE)).rejects.toThrow('permission denied; grant this user write access');
  await readOnly.output.write(ONE, LIVE);
  await until(() => readOnly.lines.some((line) => line.startsWith('warn: Cannot upload')));
  expect(readdirSync(local.path)).toContain(name);

  // Without the extensions for atomic renames and fsync.
  await server.restart('-P posix-rename,fsync');
  await until(() => {
    clock.advance(MINUTE);
    return !readdirSync(local.path).includes(name);
  });
  expect(readFileSync(join(server.folder, name)).equals(content)).toBe(true);
  await readOnly.output.stop?.();
  await server.restart();
});

sshdTest('a full folder: write reports since when and why uploads fail, and works again after an upload', async () => {
  await server.kill();
  const { output, lines } = await make({ ...ONE_A_FILE, rotate: { size: 1 }, max_local_bytes: 60 });
  await output.write(ONE, LIVE);
  await until(() => lines.length > 0);
  const fill = async () => {
    for (let n = 0; n < 20; n += 1) await output.write(TWO, LIVE);
  };
  await expect(fill()).rejects.toThrow(
    /has \d+ bytes, of at most 60 \(max_local_bytes\); uploads fail since 2025-06-01T12:00:00.000Z: Cannot connect to/,
  );
  const kept = contentOf(local.path);
  await server.restart();
  await until(() => {
    clock.advance(MINUTE);
    return readdirSync(local.path).length === 1;
  });
  expect(contentOf(server.folder, local.path)).toBe(kept);
  // The last upload may still be closing its file; the host would try again too.
  await until(async () => {
    await output.write(ONE, LIVE);
    return true;
  });
  await output.stop?.();
});

sshdTest('remote_retention removes files that are too old or too many, but no files of others', async () => {
  const hash = '0'.repeat(16);
  const others = ['healthd-web-1-b-20200101T000000000Z-0123456789abcdef.lp.gz', 'notes.txt'];
  const ours = ['20200101', '20250529', '20250530', '20250531'].map(
    (day) => `healthd-web-1-${day}T000000000Z-${hash}.lp.gz`,
  );
  for (const name of [...others, ...ours, `${ours[0] ?? ''}.part`]) writeFileSync(join(server.folder, name), '');
  const { name } = writeFinished(10);
  const { output } = await make({ remote_retention: { age: '30d', keep: 3 } });
  await output.write(ONE, LIVE);
  await until(() => uploaded().length === 5);
  expect(uploaded()).toEqual([...others, ...ours.slice(2), name].sort());
  await output.stop?.();
});

sshdTest('an upload that takes too long is aborted, and resumed by the next one', async () => {
  const { name, content } = writeFinished(48 * 2 ** 20);
  const { output, lines } = await make({ upload_interval: '1m', upload_timeout: '10m' });
  await output.write(ONE, LIVE);
  await until(() => uploaded().length === 1);
  clock.advance(10 * MINUTE);
  await until(() => lines.some((line) => line.startsWith('warn: Cannot upload')));
  expect(lines.join('\n')).toContain('not finished within 10 min (upload_timeout)');
  clock.advance(MINUTE);
  await until(() => !readdirSync(local.path).includes(name));
  expect(readFileSync(join(server.folder, name)).equals(content)).toBe(true);
  await output.stop?.();
});

diskTest('a full disk on the server: the local file is kept until there is space', async () => {
  const { name, content } = writeFinished(2 * 2 ** 20);
  const disk = smallDisk();
  try {
    disk.fill();
    const { output, lines } = await make({ remote_path: disk.path, upload_interval: '1m' });
    await output.write(ONE, LIVE);
    await until(() => lines.some((line) => line.includes('its disk may be full or read-only')));
    expect(readdirSync(local.path)).toContain(name);
    disk.empty();
    clock.advance(MINUTE);
    await until(() => !readdirSync(local.path).includes(name));
    expect(readFileSync(join(disk.path, name)).equals(content)).toBe(true);
    await output.stop?.();
  } finally {
    disk.remove();
  }
});

sshdTest('stop aborts an upload immediately; the signal aborts a connect', async () => {
  const { name } = writeFinished(48 * 2 ** 20);
  const { output, lines } = await make();
  await output.write(ONE, LIVE);
  await until(() => uploaded().length === 1);
  const start = performance.now();
  await output.stop?.();
  expect(performance.now() - start).toBeLessThan(1000);
  expect(readdirSync(local.path)).toContain(name);
  expect(lines).toEqual([]);
  const reason = new Error('the deadline has passed');
  await expect(output.connect?.(AbortSignal.abort(reason))).rejects.toThrow(reason);
});

if (process.getuid?.() === 0) {
  outputContract(
    () => Promise.resolve(sftp),
    () => ({
      options: { ...optionsFor(server, local.path), rotate: { size: 100 }, upload_interval: '10ms' },
      received: async () => {
        let content = '';
        // A file is briefly in both folders.
        await waitFor(() => {
          content = contentOf(server.folder, local.path);
          return readdirSync(local.path).every((name) => name.startsWith('current.'));
        });
        return Buffer.from(content);
      },
      close() {},
    }),
  );
}
