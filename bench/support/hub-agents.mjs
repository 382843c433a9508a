/**
 * Simulated agents of a hub, in a process of their own: each has its key, its session and its connection, sends a heartbeat each
 * five seconds and 300 fields each ten, compressed. Talks to its parent by messages: `quiet N` silences one of them.
 *
 *   node bench/support/hub-agents.mjs HUB TOKEN COUNT
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

const [hub, token, count] = process.argv.slice(2);
const AGENTS = Number(count);
const [HEARTBEAT_MS, LINES_MS] = [5000, 10_000];
const [LINES, FIELDS] = [30, 10];
const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
const silent = new Set();
const totals = { lines: 0, failed: 0, late: 0 };

const members = [];
for (let index = 0; index < AGENTS; index += 1) members.push(await join(index));
process.send?.({ joined: AGENTS });
for (const member of members) void live(member);
process.on('message', ({ quiet }) => {
  if (quiet !== undefined) silent.add(quiet);
  else process.send?.(totals);
});

async function join(index) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const host = {
    name: `host-${String(index).padStart(4, '0')}`,
    machine: `machine-${index}`,
    boot: 'boot',
    start: `start-${index}`,
    bootedAt: 0,
    addresses: [],
    version: '0.0.0',
    protocol: 1,
  };
  const key = publicKey.export({ format: 'der', type: 'spki' }).toString('base64url');
  const { id } = await post('join', { key, host }, token);
  const { nonce } = await post('nonce', { id });
  const text = Buffer.from(['healthd session 1', id, nonce, host.start].join('\n'));
  const signature = sign(null, text, privateKey).toString('base64url');
  const session = await post('session', { id, nonce, signature, nextLine: 1, host });
  return { index, name: host.name, session: session.token, next: 1 };
}

async function live(member) {
  await sleep((HEARTBEAT_MS * member.index) / AGENTS);
  for (let beat = 0; ; beat += 1) {
    const started = performance.now();
    if (!silent.has(member.index)) await speak(member, beat).catch(() => (totals.failed += 1));
    const took = performance.now() - started;
    if (took > HEARTBEAT_MS) totals.late += 1;
    await sleep(Math.max(0, HEARTBEAT_MS - took));
  }
}

async function speak(member, beat) {
  const { name, session } = member;
  await post('heartbeat', { offsetMs: 0, name, tags: {}, pending: 0 }, session);
  if (beat % (LINES_MS / HEARTBEAT_MS) !== 0) return;
  const [from, to] = [member.next, member.next + LINES];
  await post(`lines?from=${from}&to=${to}&size=${LINES}`, gzipSync(linesOf(name)), session);
  member.next = to;
  totals.lines += LINES;
}

function linesOf(name) {
  const time = BigInt(Date.now()) * 1_000_000n;
  const line = (at) => {
    const fields = Array.from({ length: FIELDS }, (_, field) => `f${field}=${(Math.random() * 100).toFixed(2)}`);
    return `measurement_${at % 10},host=${name},part=${Math.floor(at / 10)} ${fields.join(',')} ${time}\n`;
  };
  return Array.from({ length: LINES }, (_, at) => line(at)).join('');
}

function post(path, body, bearer) {
  const isRaw = Buffer.isBuffer(body);
  const bytes = isRaw ? body : Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const headers = {
      'content-length': bytes.length,
      ...(isRaw ? { 'content-encoding': 'gzip' } : { 'content-type': 'application/json' }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    };
    const sent = request(`${hub}/api/v1/agents/${path}`, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      answer.on('end', () => {
        if (answer.statusCode >= 300) reject(new Error(`${path}: ${answer.statusCode} ${text}`));
        else resolve(text === '' ? undefined : JSON.parse(text));
      });
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}
