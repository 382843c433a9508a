/** The exporters of the OpenTelemetry SDK, in both encodings, against the input. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { ValueType } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as JsonMetrics,
} from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';

import { SAFE } from '../../support/kit/open-listener.ts';
import { waitFor } from '../../support/servers/real-server.ts';

import { closeAll, open } from './open.ts';

afterEach(closeAll);

const RESOURCE = resourceFromAttributes({ 'service.name': 'shop', 'host.name': 'web1' });

function meterOf(exporter: PushMetricExporter) {
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({
    resource: RESOURCE,
    readers: [reader],
    views: [
      { instrumentName: 'size', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } },
      {
        instrumentName: 'time',
        aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [0.5, 1] } },
      },
    ],
  });
  return { provider, meter: provider.getMeter('checkout', '1.2') };
}

const METRICS = { json: JsonMetrics, protobuf: ProtobufMetrics };
const LOGS = { json: JsonLogs, protobuf: ProtobufLogs };

describe.each(['json', 'protobuf'] as const)('%s', (encoding) => {
  test('metrics of the SDK', async () => {
    const { url, lines } = await open();
    const exporter = new METRICS[encoding]({
      url: `${url}/v1/metrics`,
      compression: 'gzip' as never,
      temporalityPreference: AggregationTemporalityPreference.CUMULATIVE,
    });
    const { provider, meter } = meterOf(exporter);
    meter.createCounter('orders', { valueType: ValueType.INT }).add(3, { currency: 'EUR' });
    meter.createUpDownCounter('open').add(-2);
    meter.createGauge('load').record(0.25);
    meter.createHistogram('time').record(0.75);
    meter.createHistogram('size').record(12);
    await provider.forceFlush();
    const tags = 'host=web1,host.name=web1,otel.library.name=checkout,otel.library.version=1.2,service.name=shop';
    const end = 'start_time_unix_nano=\\d{19}i \\d{19}$';
    expect(lines.toSorted()).toEqual([
      expect.stringMatching(new RegExp(`^load,${tags} gauge=0.25,${end}`)),
      expect.stringMatching(new RegExp(`^open,${tags} gauge=-2,${end}`)),
      expect.stringMatching(new RegExp(`^orders,currency=EUR,${tags} counter=3i,${end}`)),
      expect.stringMatching(new RegExp(`^size,${tags} count=1,sum=12,zero_count=0,min=12,max=12,${end}`)),
      expect.stringMatching(new RegExp(`^time,${tags} 1=1,count=1,sum=0.75,min=0.75,max=0.75,0.5=0,${end}`)),
    ]);
    await provider.shutdown();
  });

  test('logs of the SDK', async () => {
    const { url, lines } = await open();
    const exporter = new LOGS[encoding]({ url: `${url}/v1/logs` });
    const provider = new LoggerProvider({
      resource: RESOURCE,
      processors: [new SimpleLogRecordProcessor({ exporter })],
    });
    provider
      .getLogger('checkout')
      .emit({ severityNumber: SeverityNumber.ERROR, severityText: 'ERROR', body: 'no', attributes: { n: 1 } });
    await provider.forceFlush();
    await provider.shutdown();
    expect(lines).toEqual([
      expect.stringMatching(
        /^logs,host=web1,service\.name=shop body="no",severity_number=17i,severity_text="ERROR",attributes="[^ ]*\\"n\\":1}" \d{19}$/,
      ),
    ]);
  });
});

test('an exporter sends again what was refused with 503, and nothing is lost', async () => {
  let trouble: string | undefined = 'The journal is full';
  const storage = {
    ...SAFE,
    get trouble() {
      const now = trouble;
      trouble = undefined;
      return now;
    },
  };
  const { url, lines } = await open({}, storage);
  const exporter = new JsonMetrics({ url: `${url}/v1/metrics`, timeoutMillis: 30_000 });
  const { provider, meter } = meterOf(exporter);
  meter.createCounter('orders').add(1);
  const flushed = provider.forceFlush();
  await waitFor(() => lines.length === 1, { what: 'the point', timeout: 25_000 });
  await flushed;
  await provider.shutdown();
}, 40_000);
