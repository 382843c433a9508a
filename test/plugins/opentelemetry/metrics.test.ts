/** Metrics in both encodings: what they become, and which points are rejected. */
import { gzipSync } from 'node:zlib';

import { afterEach, describe, expect, test } from '@jest/globals';

import { closeAll, gauge, metricsOf, open, post, PROTOBUF_TYPE, START, tag, TIME } from './open.ts';

afterEach(closeAll);

const POINT = { startTimeUnixNano: START, timeUnixNano: TIME };

describe('metrics', () => {
  test('of all types are those of Telegraf, with the attributes of resource, scope and point as tags', async () => {
    const { url, lines } = await open();
    const own = { ...POINT, attributes: [tag('my.attr', 'some value')] };
    const totals = { count: '3', sum: 7.5, min: 0, max: 5 };
    const body = metricsOf(
      [
        {
          name: 'my.counter',
          unit: '1',
          sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...own, asDouble: 5 }] },
        },
        { name: 'my.updown', sum: { aggregationTemporality: 2, dataPoints: [{ ...own, asInt: '-7' }] } },
        { name: 'my.gauge', gauge: { dataPoints: [{ ...own, asInt: 10 }] } },
        {
          name: 'my.histogram',
          histogram: {
            aggregationTemporality: 1,
            dataPoints: [{ ...own, ...totals, bucketCounts: ['1', 1, '1'], explicitBounds: [1e-7, 1.5] }],
          },
        },
        {
          name: 'my.exponential',
          exponentialHistogram: {
            dataPoints: [{ ...own, ...totals, scale: 0, zeroCount: 1, positive: { offset: 1, bucketCounts: [0, 2] } }],
          },
        },
        {
          name: 'my.summary',
          summary: {
            dataPoints: [{ ...own, count: 2, sum: 3, quantileValues: [{ quantile: 0.5, value: 1 }, { quantile: 1 }] }],
          },
        },
      ],
      { attributes: [tag('service.name', 'my.service')] },
      { name: 'my.library', version: '1.0.0', attributes: [tag('my.scope.attribute', 'some scope attribute')] },
    );
    expect(await post(`${url}/v1/metrics`, body)).toEqual({
      status: 200,
      type: 'application/json',
      body: {
        partialSuccess: {
          rejectedDataPoints: '0',
          errorMessage: 'my.exponential: the buckets of an exponential histogram are left out',
        },
      },
    });
    const tags =
      'my.attr=some\\ value,my.scope.attribute=some\\ scope\\ attribute,otel.library.name=my.library,otel.library.version=1.0.0,service.name=my.service';
    const start = `start_time_unix_nano=${START}i ${TIME}`;
    expect(lines).toEqual([
      `my.counter,${tags} counter=5,${start}`,
      `my.updown,${tags} gauge=-7i,${start}`,
      `my.gauge,${tags} gauge=10i,${start}`,
      `my.histogram,${tags} count=3,sum=7.5,min=0,max=5,0.0000001=1,1.5=2,${start}`,
      `my.exponential,${tags} count=3,sum=7.5,zero_count=1,min=0,max=5,${start}`,
      `my.summary,${tags} 1=0,count=2,sum=3,0.5=1,${start}`,
    ]);
  });

  test('attributes of other types are text, lists and objects JSON; a resource names its host', async () => {
    const { url, lines } = await open();
    const attributes = [
      { key: 'int', value: { intValue: '9007199254740993' } },
      { key: 'bool', value: { boolValue: true } },
      { key: 'list', value: { arrayValue: { values: [{ intValue: 1 }, { doubleValue: 0.5 }, {}] } } },
      { key: 'map', value: { kvlistValue: { values: [{ key: '__proto__', value: { bytesValue: 'AAE=' } }] } } },
      { key: 'none' },
      { key: '', value: { stringValue: 'x' } },
      tag('host', 'own'),
    ];
    const body = metricsOf([gauge('a', { asInt: 1 }, { asInt: 2, attributes })], {
      attributes: [tag('host.name', 'web1')],
    });
    expect(await post(`${url}/v1/metrics`, body)).toEqual({ status: 200, type: 'application/json', body: {} });
    expect(lines).toEqual([
      `a,host=web1,host.name=web1 gauge=1i ${TIME}`,
      `a,bool=true,host=own,host.name=web1,int=9007199254740993,list=[1\\,0.5\\,null],map={"__proto__":"AAE\\="} gauge=2i ${TIME}`,
    ]);
  });

  test('a point without a time gets that of its arrival; one without a recorded value is none', async () => {
    const { url, lines } = await open();
    const body = metricsOf([gauge('a', { asInt: 1, timeUnixNano: 0 }, { flags: 1 })]);
    expect(await post(`${url}/v1/metrics`, body)).toMatchObject({ status: 200, body: {} });
    expect(lines).toEqual(['a gauge=1i 0']);
  });

  test('what cannot be stored is rejected and named; the rest is taken', async () => {
    const { url, lines } = await open();
    const histogram = { dataPoints: [{ ...POINT, count: 1, bucketCounts: [1, 0, 0], explicitBounds: [1] }] };
    const body = metricsOf([
      gauge('good', { asInt: 1 }),
      gauge('nan', { asDouble: 'NaN' }, { asDouble: 'NaN' }, { asDouble: 2 }),
      gauge('empty', {}),
      gauge('', { asInt: 1 }),
      gauge('late', { asInt: 1, timeUnixNano: '9223372036854775808' }),
      gauge('long', { asInt: 1, attributes: [tag('k', 'x'.repeat(65_536))] }),
      { name: 'histogram', histogram },
      { name: 'nothing' },
    ]);
    expect(await post(`${url}/v1/metrics`, body)).toMatchObject({
      status: 200,
      body: {
        partialSuccess: {
          rejectedDataPoints: '7',
          errorMessage:
            'nan: the value is NaN (2 times); empty: the point has no value; a metric without a name: the name is missing; ' +
            'late: the time is after the year 2262; long: the attribute k is longer than 65535 characters; ' +
            'histogram: 3 buckets do not fit 1 bounds; nothing: there are no data of a type that is known',
        },
      },
    });
    expect(lines).toEqual([`good gauge=1i ${TIME}`, `nan gauge=2 ${TIME}`]);
  });
});

/** `gauge` with a point of 1.5 at 5 ns, a packed histogram, and a field that nobody knows, by hand. */
const field = (number: number, ...bytes: readonly number[]) => [(number << 3) | 2, bytes.length, ...bytes];
const text = (number: number, value: string) => field(number, ...Buffer.from(value));
const fixed = (number: number, ...bytes: readonly number[]) => [
  (number << 3) | 1,
  ...bytes,
  ...Array<number>(8 - bytes.length).fill(0),
];
const DOUBLE = [0, 0, 0, 0, 0, 0, 0xf8, 0x3f];
const NUMBER = field(
  1,
  ...fixed(3, 5),
  ...fixed(4, ...DOUBLE),
  ...field(7, ...text(1, 'k'), ...field(2, ...text(1, 'v'))),
);
const HISTOGRAM = field(
  1,
  ...fixed(3, 6),
  ...fixed(4, 3),
  ...field(6, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0),
  ...field(7, ...DOUBLE),
);
const METRICS = [
  ...field(2, ...text(1, 'g'), ...field(5, ...NUMBER)),
  ...field(2, ...text(1, 'h'), ...field(9, ...HISTOGRAM)),
];
const REQUEST = Buffer.from([...field(1, ...field(2, ...METRICS)), ...text(99, 'x')]);

describe('protobuf', () => {
  test('is taken, also compressed, and answered in protobuf', async () => {
    const { url, lines } = await open();
    const done = { status: 200, type: 'application/x-protobuf', body: Buffer.from([]) };
    expect(await post(`${url}/v1/metrics`, REQUEST, PROTOBUF_TYPE)).toEqual(done);
    const compressed = { ...PROTOBUF_TYPE, 'content-encoding': 'gzip' };
    expect(await post(`${url}/v1/metrics`, gzipSync(REQUEST), compressed)).toEqual(done);
    const expected = ['g,k=v gauge=1.5 5', 'h count=3,1.5=1 6'];
    expect(lines).toEqual([...expected, ...expected]);
  });

  test('rejected points and bad bodies are told in protobuf', async () => {
    const { url, lines } = await open();
    const nameless = Buffer.from(field(1, ...field(2, ...field(2, ...field(5, ...NUMBER)))));
    const message = 'a metric without a name: the name is missing';
    expect(await post(`${url}/v1/metrics`, nameless, PROTOBUF_TYPE)).toEqual({
      status: 200,
      type: 'application/x-protobuf',
      body: Buffer.from(field(1, 0x08, 1, ...text(2, message))),
    });
    const { status, body } = await post(`${url}/v1/metrics`, REQUEST.subarray(0, -1), PROTOBUF_TYPE);
    const why = 'The request is not understood: not valid protobuf: unexpected the end of the message at byte 102';
    expect([status, (body as Buffer).toString('latin1')]).toEqual([400, expect.stringContaining(why.slice(0, 80))]);
    expect([...(body as Buffer).subarray(0, 3)]).toEqual([0x08, 3, 0x12]);
    expect(lines).toEqual([]);
  });

  test('what is cut off anywhere is refused', async () => {
    const { url, lines } = await open();
    for (let length = 1; length < REQUEST.length - 4; length += 1) {
      const { status } = await post(`${url}/v1/metrics`, REQUEST.subarray(0, length), PROTOBUF_TYPE);
      expect([length, status]).toEqual([length, 400]);
    }
    expect(lines).toEqual([]);
  });
});
