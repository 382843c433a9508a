/** Answers of HTTP and SMTP servers: an example is a status, a content type and a Retry-After, and below them the body. */
import { deepEqual, doesNotMatch, equal, ok } from 'node:assert/strict';

import { systemClock } from '../../../src/core/clock.ts';
import { bulkVerdict } from '../../../src/outputs/elasticsearch/bulk.ts';
import { HttpDestination } from '../../../src/outputs/http-destination.ts';
import { verdict as influxVerdict } from '../../../src/outputs/influxdb/verdict.ts';
import { verdict as lokiVerdict } from '../../../src/outputs/loki/output.ts';
import { protobufAnswer } from '../../../src/outputs/opentelemetry/protobuf-answer.ts';
import { isAuthorized } from '../../../src/host/http-server/credentials.ts';
import { verdict as otlpVerdict } from '../../../src/outputs/opentelemetry/verdict.ts';
import { acceptsGzip, chooseFormat } from '../../../src/outputs/prometheus/negotiate.ts';
import { verdict as remoteWriteVerdict } from '../../../src/outputs/prometheus_remote_write/verdict.ts';
import { classify } from '../../../src/notifiers/email/smtp-error.ts';
import { PartialWriteError, retryAfterMs } from '../../../src/plugin/errors.ts';
import { refusal, retryAfter, type Answer } from '../../../src/plugin/http-status.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { target, type Target } from '../target.ts';

const BATCH = testBatch([
  'cpu,host=a value=1i 1000',
  'cpu,host=b value=1.5 1000',
  'cpu,host=c value="x" 2000',
  'mem free=1i 3000',
  'mem free=1i 3000',
]);

const destination = new HttpDestination(
  {
    url: 'http://server:3100/push?token=tellnobody',
    credentials: { username: 'u', password: 'tellnobody', headers: {} },
    tls: { rejectUnauthorized: true },
    proxy: undefined,
    credentialOptions: 'username',
    notFound: 'has no API',
  },
  { clock: systemClock, http: () => Promise.reject(new Error('not used')) },
);

function answerOf(input: Buffer): Answer & { readonly isCut: boolean } {
  const [head = '', ...body] = input.toString().split('\n');
  const [status, type = '', ...wait] = head.split(' ');
  const code = Math.trunc(Number(status));
  return {
    status: code >= 200 && code <= 599 ? code : 200 + ((input[0] ?? 0) % 5) * 100,
    headers: new Map([
      ['content-type', type],
      ['retry-after', wait.join(' ')],
    ]),
    body: body.join('\n'),
    isCut: false,
  };
}

const CLASSES = ['PermanentError', 'TooLargeError', 'PartialWriteError', 'RetryableError', 'TargetError'];
/** Characters: what a log line can hold. */
const MAX_MESSAGE = 1200;
/** May be infinite: a wait of more than an hour is cut to one. ms. */
const isWait = (ms: number | undefined) => ms === undefined || ms >= 0;

/** A class that decides what happens, a message that fits into the log, and lines that exist. */
function checkVerdict(error: Error | undefined): void {
  if (error === undefined) return;
  ok(CLASSES.includes(error.name));
  ok(error.message.length <= MAX_MESSAGE);
  doesNotMatch(error.message, /[\r\n]|tellnobody/);
  ok(isWait(retryAfterMs(error)));
  if (!(error instanceof PartialWriteError)) return;
  deepEqual(
    error.refused,
    [...new Set(error.refused)].sort((a, b) => a - b),
  );
  ok(error.refused.every((position) => position >= 0 && position < BATCH.size));
}

const INFLUX = [
  `400 application/json 30\n{"error":"partial write: unable to parse 'mem free=1i 3000': bad number dropped=0"}`,
  '400 application/json\n{"error":"partial write: field type conflict: input field \\"value\\" on measurement \\"cpu\\" is type float, already exists as type integer dropped=2"}',
  '422 application/json\n{"code":"invalid","message":"failure writing points: points beyond retention policy dropped=2"}',
  '400 text/plain\n{"error":"partial write of line protocol occurred","data":[{"error_message":"x","line_number":2,"original_line":"cpu,host=b"}]}',
  '404 application/json\n{"code":"not found","message":"bucket \\"x\\" not found, organization is invalid"}',
  '503 text/html Wed, 21 Oct 2026 07:28:00 GMT\n<html><body>Bad gateway</body></html>',
  '204 \n',
  '200 application/json\n{"results":[{"statement_id":0,"error":"database not found"}]}',
];

const LOKI = [
  '400 text/plain\nentry for stream \'{host="a"}\' has timestamp too old: 2023-11-14T22:13:20Z',
  '429 text/plain 5\nMaximum active stream limit exceeded, reduce the number of active streams',
  '500 text/plain\nrpc error: code = ResourceExhausted desc = trying to send message larger than max (1 vs. 2)',
  '204 \n',
  '301 text/html\n<!doctype html>',
];

const REMOTE_WRITE = [
  '400 text/plain\nout of bounds',
  '400 text/plain\nout of order sample for series video_decoded{proto="tcp",le="+Inf"} at 17',
  '400 text/plain\nsnappy: corrupt input',
  '409 application/json 1\n{"status":"error","error":"conflict {a=\\"b\\"}"}',
  '200 \n',
];

const OTLP = [
  '200 application/json\n{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"too old"}}',
  '400 application/json\n{"code":3,"message":"bad request"}',
  '503 text/plain 120\nunavailable',
  `200 application/x-protobuf\n\n\x0d\x08\x03\x12\x09too much!`,
  `400 application/x-protobuf\n\x08\x03\x12\x03bad`,
];

const bulkItem = (item: object) => ({ create: item });
const BULK = [
  {
    errors: true,
    items: [
      ...[bulkItem({ status: 201 }), bulkItem({ status: 409 }), bulkItem({ status: 201 })],
      bulkItem({ status: 400, error: { type: 'document_parsing_exception', reason: 'failed to parse field [v]' } }),
      bulkItem({ status: 429, error: { type: 'es_rejected_execution_exception', reason: null } }),
    ],
  },
  { errors: false, items: Array.from({ length: 5 }, () => bulkItem({ status: 201 })) },
  { error: { type: 'illegal_argument_exception', reason: 'pipeline with id [x] does not exist' }, status: 400 },
].map((body) => `200 application/json\n${JSON.stringify(body)}`);

export const ANSWERS: readonly Target[] = [
  target('influxdb: verdict', {
    share: 4,
    examples: INFLUX,
    parse(input) {
      const { status, headers, body } = answerOf(input);
      return influxVerdict({ status, headers: Object.fromEntries(headers), body }, BATCH, {
        server: { url: 'http://influxdb:8086', headers: {} },
        target: { option: 'bucket', name: 'bucket "x"', writePath: '/', creation: undefined, credentials: 'token' },
        redact: (text) => text,
        now: 0,
      });
    },
    holds: checkVerdict,
  }),
  target('loki: verdict', {
    share: 2,
    examples: LOKI,
    parse: (input) => lokiVerdict(answerOf(input), destination),
    holds: checkVerdict,
  }),
  target('prometheus_remote_write: verdict', {
    share: 2,
    examples: REMOTE_WRITE,
    parse: (input) => remoteWriteVerdict(answerOf(input), destination),
    holds: checkVerdict,
  }),
  target('elasticsearch: bulk verdict', {
    share: 2,
    examples: BULK,
    parse: (input) => bulkVerdict({ ...answerOf(input), node: destination }, BATCH.size),
    holds: checkVerdict,
  }),
  target('opentelemetry: verdict', {
    share: 2,
    examples: OTLP,
    parse: (input) => otlpVerdict(answerOf(input), { origin: 'http://otlp:4318', now: 0, redact: (text) => text }),
    throws: CLASSES,
    holds({ rejected, message }) {
      ok(!Number.isNaN(rejected));
      ok(message.length < 400);
    },
  }),
  target('opentelemetry: protobuf', {
    share: 2,
    examples: [
      Buffer.from('0a0d08031209746f6f206d7563682180', 'hex'),
      Buffer.from('0803120362616410ffffffffffffffffff01', 'hex'),
    ],
    parse: (input) => [protobufAnswer(input, true), protobufAnswer(input, false)],
  }),
  target('notifiers: answer', {
    share: 2,
    examples: [...LOKI, ...REMOTE_WRITE],
    parse: (input) => refusal('Slack', answerOf(input), 0),
    holds: checkVerdict,
  }),
  target('Retry-After', {
    examples: ['120', '1.5', 'Wed, 21 Oct 2026 07:28:00 GMT'],
    longest: 16_384,
    parse: (input) => retryAfter(input.toString(), 0),
    holds(wait) {
      ok(isWait(wait));
    },
  }),
  target('email: SMTP reply', {
    examples: [
      '550 5.1.1 <gone@example.org> no such user',
      '454 4.7.0 TLS not available',
      '535-5.7.8 Username\r\n535 5.7.8 tellnobody',
    ],
    parse(input) {
      const response = input.toString();
      const code = ['EAUTH', 'ETLS', 'ETIMEDOUT', undefined][(input[0] ?? 0) % 4];
      const responseCode = Number.parseInt(response, 10);
      const rejected = (input[1] ?? 0) % 2 === 0 ? { rejectedErrors: [{ recipient: 'a@example.org', response }] } : {};
      const error = Object.assign(new Error(`Mail command failed: ${response}`), rejected, {
        ...{ code, response },
        responseCode: Number.isNaN(responseCode) ? undefined : responseCode,
      });
      return classify(error, { host: 'mail:587', isSecure: false }, ['tellnobody']);
    },
    holds(error) {
      ok(CLASSES.includes(error.name));
      ok(!error.message.includes('tellnobody'));
    },
  }),
  target('prometheus: request headers', {
    examples: [
      'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3,*/*;q=0.1',
      'Bearer secret',
      'gzip;q=0, *',
    ],
    longest: 16_384,
    parse(input) {
      const header = input.toString('latin1');
      return {
        format: chooseFormat(header),
        isGzip: acceptsGzip(header),
        isAccepted: isAuthorized({ headers: { authorization: header } }, new URLSearchParams(), { token: 'secret' }),
      };
    },
    holds({ isAccepted }, input) {
      const text = input.toString('latin1');
      if (/^bearer +secret$/i.test(text) && text.endsWith('secret')) equal(isAccepted, true);
      if (isAccepted && !/^\s*basic /i.test(text)) ok(text.includes('secret'));
    },
  }),
];
