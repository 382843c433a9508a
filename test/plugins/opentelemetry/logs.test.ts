/** Log records: what they become. */
import { afterEach, expect, test } from '@jest/globals';

import { closeAll, logsOf, open, post, START, tag, TIME } from './open.ts';

afterEach(closeAll);

const TRACE = '5B8EFFF798038103D269B633813FC60C';
const SPAN = 'EEE19B7EC3C1B174';

test('a record has its text, severity, trace and event as fields, its other attributes as JSON', async () => {
  const { url, lines } = await open();
  const record = {
    timeUnixNano: TIME,
    observedTimeUnixNano: START,
    severityNumber: 10,
    severityText: 'Information',
    traceId: TRACE,
    spanId: SPAN,
    eventName: 'device.start',
    droppedAttributesCount: 2,
    body: { stringValue: 'Example log "record"' },
    attributes: [tag('string.attribute', 'some'), { key: 'int.attribute', value: { intValue: '10' } }],
    notKnown: [{}],
  };
  const resource = { attributes: [tag('service.name', 'my.service'), tag('host.name', 'web1')] };
  const body = logsOf([record], resource, { name: 'my.library' });
  expect(await post(`${url}/v1/logs`, body)).toEqual({ status: 200, type: 'application/json', body: {} });
  const attributes = {
    'host.name': 'web1',
    'otel.library.name': 'my.library',
    'string.attribute': 'some',
    'int.attribute': 10,
  };
  expect(lines).toEqual([
    'logs,host=web1,service.name=my.service body="Example log \\"record\\"",severity_number=10i,' +
      `severity_text="Information",trace_id="${TRACE.toLowerCase()}",span_id="${SPAN.toLowerCase()}",` +
      `event_name="device.start",attributes=${JSON.stringify(JSON.stringify(attributes))},dropped_attributes_count=2i ${TIME}`,
  ]);
});

test('records of the same time get times of their own, and the same ones when they are sent again', async () => {
  const { url, lines } = await open({ log_tags: ['k*'] });
  const records = [
    { observedTimeUnixNano: '7', body: { stringValue: 'a' }, attributes: [tag('key', 'v')] },
    { timeUnixNano: '7', body: { kvlistValue: { values: [tag('x', 'y')] } }, traceId: '00', spanId: '0'.repeat(16) },
    { timeUnixNano: '8', body: { doubleValue: 1.5 } },
    { timeUnixNano: '7' },
  ];
  const expected = ['logs,key=v body="a" 7', 'logs body="{\\"x\\":\\"y\\"}" 8', 'logs body="1.5" 9', 'logs body="" 10'];
  await post(`${url}/v1/logs`, logsOf(records));
  expect(lines).toEqual(expected);
  await post(`${url}/v1/logs`, logsOf(records));
  expect(lines).toEqual([...expected, ...expected]);
});
