/** The input on a free port, requests to it, and the JSON of exports. */
import { opentelemetry } from '../../../src/plugins/opentelemetry/index.ts';
import type { Storage, z } from '../../../src/plugin/index.ts';
import { openListener, type OpenListener } from '../../support/kit/open-listener.ts';

let opened: OpenListener | undefined;

export async function closeAll(): Promise<void> {
  await opened?.close();
  opened = undefined;
}

export async function open(
  options: z.input<typeof opentelemetry.config> = {},
  storage?: Storage,
): Promise<OpenListener> {
  opened = await openListener(opentelemetry, options, storage);
  return opened;
}

export const JSON_TYPE = { 'content-type': 'application/json' };
export const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' };

/** @returns the body of the answer as a value if it is JSON, else as bytes */
export async function post(url: string, body: string | Uint8Array, headers: Record<string, string> = JSON_TYPE) {
  const answer = await fetch(url, { method: 'POST', body, headers });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const type = answer.headers.get('content-type');
  return {
    status: answer.status,
    type,
    body: type === 'application/json' ? (JSON.parse(bytes.toString()) as unknown) : bytes,
  };
}

/** 300 ms after the start. */
export const TIME = '1544712660300000000';
export const START = '1544712660000000000';

export const tag = (key: string, stringValue: string) => ({ key, value: { stringValue } });

/** Metrics of one resource and scope. */
export function metricsOf(metrics: readonly unknown[], resource: object = {}, scope: object = {}): string {
  return JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] });
}

export function gauge(name: string, ...dataPoints: readonly object[]): object {
  return { name, gauge: { dataPoints: dataPoints.map((each) => ({ timeUnixNano: TIME, ...each })) } };
}

/** Log records of one resource and scope. */
export function logsOf(logRecords: readonly unknown[], resource: object = {}, scope: object = {}): string {
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords }] }] });
}
