/** The exposition of metrics: names, labels, types and series. */
import { afterEach, describe, expect, test } from '@jest/globals';

import type { MetricCatalog } from '../../../src/plugin/index.ts';
import { manualClock } from '../../../src/testing.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';

import { openEndpoint, type OpenEndpoint } from './open.ts';

const OPEN_METRICS = { accept: 'application/openmetrics-text' };

const CATALOG: MetricCatalog = {
  net: {
    kind: 'counter',
    fields: {
      bytes_sent: { type: 'int', unit: 'bytes', help: 'Bytes "sent"\nof \\all' },
      resets_total: { type: 'int', help: 'Resets' },
      speed_bytes: { type: 'int', kind: 'gauge', unit: 'bytes', help: 'Speed' },
    },
  },
  open: { fields: {}, dynamic: { type: 'float', help: 'Whatever' } },
};

let opened: OpenEndpoint | undefined;

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function open(...args: Parameters<typeof openEndpoint>): Promise<OpenEndpoint> {
  opened = await openEndpoint(...args);
  return opened;
}

/** The lines without headings. */
async function samples(endpoint: OpenEndpoint): Promise<readonly string[]> {
  return (await endpoint.scrape()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('a metric', () => {
  test('has name, labels, type, help and unit, with the same names in both formats', async () => {
    const endpoint = await open({}, { metrics: CATALOG });
    await endpoint.write('net,host=a bytes_sent=5i,resets_total=1i,speed_bytes=7i 1', 'net,host=b bytes_sent=6i 1');
    await endpoint.write('open,host=a n=0.5 1', 'other counter=1,gauge=2,x=3 1');
    expect(await endpoint.scrape()).toBe(
      [
        '# HELP net_bytes_sent Bytes "sent"\\nof \\\\all',
        '# TYPE net_bytes_sent counter',
        'net_bytes_sent{host="a"} 5',
        'net_bytes_sent{host="b"} 6',
        '# HELP net_resets_total Resets',
        '# TYPE net_resets_total counter',
        'net_resets_total{host="a"} 1',
        '# HELP net_speed_bytes Speed',
        '# TYPE net_speed_bytes gauge',
        'net_speed_bytes{host="a"} 7',
        '# HELP open_n Whatever',
        '# TYPE open_n untyped',
        'open_n{host="a"} 0.5',
        '# TYPE other counter',
        'other 1',
        '# TYPE other_x untyped',
        'other_x 3',
        '',
      ].join('\n'),
    );
    expect(await endpoint.scrape(OPEN_METRICS)).toBe(
      [
        '# TYPE net_bytes_sent unknown',
        '# HELP net_bytes_sent Bytes \\"sent\\"\\nof \\\\all',
        'net_bytes_sent{host="a"} 5',
        'net_bytes_sent{host="b"} 6',
        '# TYPE net_resets counter',
        '# HELP net_resets Resets',
        'net_resets_total{host="a"} 1',
        '# TYPE net_speed_bytes gauge',
        '# UNIT net_speed_bytes bytes',
        '# HELP net_speed_bytes Speed',
        'net_speed_bytes{host="a"} 7',
        '# TYPE open_n unknown',
        '# HELP open_n Whatever',
        'open_n{host="a"} 0.5',
        '# TYPE other unknown',
        'other 1',
        '# TYPE other_x unknown',
        'other_x 3',
        '# EOF',
        '',
      ].join('\n'),
    );
  });

  test('a counter keeps its name if another family has its OpenMetrics name', async () => {
    const endpoint = await open({}, { metrics: CATALOG });
    await endpoint.write('net resets_total=1i 1', 'net resets=2 1');
    expect(await endpoint.scrape(OPEN_METRICS)).toMatch(/# TYPE net_resets_total unknown[^]*# TYPE net_resets unknown/);
  });

  test('names have only valid characters, and never begin with a digit', async () => {
    const endpoint = await open();
    await endpoint.write(String.raw`9we\ ather.x,ci-ty=München\ "x"\y,9th=a wet\ °C=1 1`);
    expect(await samples(endpoint)).toEqual([String.raw`_9we_ather_x_wet__C{_9th="a",ci_ty="München \"x\"\\y"} 1`]);
  });

  test('labels with colliding names get unique ones, independent of their order', async () => {
    const endpoint = await open();
    await endpoint.write('a,b-c=1,b.c=2,b_c=3,__d=4,_d=5 x=1 1', 'a,_d=5,__d=4,b.c=2,b_c=3,b-c=1 x=2 2');
    expect(await samples(endpoint)).toEqual(['a_x{_d="5",_d_2="4",b_c="3",b_c_2="1",b_c_3="2"} 2']);
  });

  test('true is 1, false is 0, and strings are omitted', async () => {
    const endpoint = await open();
    await endpoint.write('a yes=t,no=f,text="x",large=9007199254740993i,tiny=1e-300,huge=1e300 1', 'only text="x" 1');
    expect(await samples(endpoint)).toEqual([
      'a_yes 1',
      'a_no 0',
      'a_large 9007199254740992',
      'a_tiny 1e-300',
      'a_huge 1e+300',
    ]);
  });

  test('with string_as_label, strings become labels and never replace a tag', async () => {
    const endpoint = await open({ string_as_label: true });
    await endpoint.write('a,host=h state="up",host="other",n=1 1', 'a,host=h state="down",n=2 2');
    expect(await samples(endpoint)).toEqual(['a_n{host="h",state="up"} 1', 'a_n{host="h",state="down"} 2']);
  });

  test('timestamps are milliseconds in the text format and seconds in OpenMetrics', async () => {
    const endpoint = await open({ export_timestamp: true });
    await endpoint.write('a n=1 1700000000123456789');
    expect(await samples(endpoint)).toEqual(['a_n 1 1700000000123']);
    expect(await endpoint.scrape(OPEN_METRICS)).toContain('a_n 1 1700000000.123\n');
  });
});

describe('scraped metrics', () => {
  test('keep their names, histograms and summaries', async () => {
    const endpoint = await open();
    await endpoint.write(
      'prometheus,le=+Inf h_bucket=3 1',
      'prometheus h_count=3,h_sum=4.5,up=1,s_sum=5,s_count=2 1',
      'prometheus,le=0.5 h_bucket=1 1',
      'prometheus,quantile=0.5 s=2 1',
    );
    expect(await endpoint.scrape()).toBe(
      [
        '# TYPE up untyped\nup 1',
        '# TYPE h histogram\nh_bucket{le="0.5"} 1\nh_bucket{le="+Inf"} 3\nh_sum 4.5\nh_count 3',
        '# TYPE s summary\ns{quantile="0.5"} 2\ns_sum 5\ns_count 2\n',
      ].join('\n'),
    );
  });

  test('are untyped if they only look like a histogram', async () => {
    const endpoint = await open();
    await endpoint.write('prometheus,le=much h_bucket=3 1', 'prometheus h_count=3 1', 'prometheus,le=1 k_bucket=3 1');
    await endpoint.write('prometheus,le=1 m_bucket=3 1', 'prometheus m=1,m_count=3 1');
    expect(await endpoint.scrape()).not.toMatch(/histogram/);
  });
});

describe('a series', () => {
  test('has its newest sample, despite late ones', async () => {
    const endpoint = await open();
    await endpoint.write('a n=1 5', 'a n=2 7', 'a n=3 6');
    expect(await samples(endpoint)).toEqual(['a_n 2']);
    await endpoint.write('a n=4 7', 'old n=5 -7');
    expect(await samples(endpoint)).toEqual(['a_n 4', 'old_n 5']);
  });

  test('appears once, although two fields map to its name; the first one counts', async () => {
    const endpoint = await open();
    await endpoint.write('a b_c=1,value=2,gauge=3 1', 'a_b c=4 2', 'a value=5 3');
    expect(await samples(endpoint)).toEqual(['a_b_c 1', 'a 5']);
  });

  test('expires, and comes back when it is written again', async () => {
    const clock = manualClock();
    const endpoint = await open({ expiration_interval: '60s' }, { clock });
    await endpoint.write('a,x=1 n=1 100', 'a,x=2 n=1 100');
    clock.advance(40_000);
    await endpoint.write('a,x=2 n=2 200');
    clock.advance(40_000);
    expect(await samples(endpoint)).toEqual(['a_n{x="2"} 2']);
    clock.advance(40_000);
    expect(await endpoint.scrape()).toBe('');
    expect(await endpoint.scrape(OPEN_METRICS)).toBe('# EOF\n');
    await endpoint.write('a,x=1 n=3 50');
    expect(await samples(endpoint)).toEqual(['a_n{x="1"} 3']);
  });

  test('never expires with an expiration_interval of 0s', async () => {
    const clock = manualClock();
    const endpoint = await open({ expiration_interval: '0s' }, { clock });
    await endpoint.write('a n=1 1');
    clock.advance(1e9);
    expect(await samples(endpoint)).toEqual(['a_n 1']);
  });

  test('is dropped beyond max_series, which is logged once when it begins and once when it ends', async () => {
    const [clock, log] = [manualClock(), recordingLog()];
    const endpoint = await open({ max_series: 2 }, { clock, log });
    await endpoint.write('a,x=1 n=1 1', 'a,x=2 n=1 1');
    for (let round = 2; round < 12; round += 1) {
      clock.advance(10_000);
      await endpoint.write(`a,x=1 n=${round} ${round}`, `a,x=3 n=${round} ${round}`, `a,x=4 n=${round} ${round}`);
    }
    // x=3 replaced x=2, which has expired.
    expect(await samples(endpoint)).toEqual(['a_n{x="1"} 11', 'a_n{x="3"} 11']);
    await endpoint.write('a,x=1 n=20 20');
    expect(log.lines.filter((line) => /series/i.test(line))).toEqual([
      expect.stringMatching(/^warn: .*max_series/),
      expect.stringMatching(/^info: Series are no longer dropped/),
    ]);
  });
});

describe('C-004: fields whose names become equal', () => {
  test('are exposed once, and the ones left out are logged once', async () => {
    const log = recordingLog();
    const endpoint = await open({}, { log });
    await endpoint.write('m a-b=1,a.b=2,a_b=3,c=4 1');
    await endpoint.write('m a-b=5,a.b=6,a_b=7,c=8 2');
    expect(await samples(endpoint)).toEqual(['m_a_b 5', 'm_c 8']);
    expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([
      'warn: m.a.b is left out: m.a-b has the same name in Prometheus, m_a_b; rename one of them',
      'warn: m.a_b is left out: m.a-b has the same name in Prometheus, m_a_b; rename one of them',
    ]);
  });

  test('take turns when one of them is no longer reported', async () => {
    const clock = manualClock();
    const endpoint = await open({ expiration_interval: '60s' }, { clock });
    await endpoint.write('m a-b=1 1');
    await endpoint.write('m a_b=2 2');
    expect(await samples(endpoint)).toEqual(['m_a_b 1']);
    clock.advance(61_000);
    await endpoint.write('m a_b=3 3');
    expect(await samples(endpoint)).toEqual(['m_a_b 3']);
  });
});

test('C-005: 150,000 metrics without labels at once are exposed', async () => {
  const endpoint = await open({ max_series: 200_000 });
  const lines = Array.from({ length: 150_000 }, (_, index) => `m${index} v=${index} 1`);
  await endpoint.output.write(testBatch(lines), new AbortController().signal);
  const text = await endpoint.scrape();
  expect(text).toContain('\nm149999_v 149999\n');
  expect(text.match(/\n# TYPE /g)?.length).toBeGreaterThanOrEqual(149_999);
});
