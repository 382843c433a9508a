/** Log records, as Telegraf's input `opentelemetry` has them. */
import type { FieldValue } from '../../plugin/index.ts';

import { attributesOf, plainOf, sourceOf, textOf, withHost, type Attributes } from './attributes.ts';
import type { Decoder } from './decoder.ts';
import type { Intake } from './intake.ts';
import type { Raw } from './message.ts';
import { LOG_RECORD, LOGS_REQUEST, RESOURCE_LOGS, SCOPE_LOGS } from './messages.ts';

const MEASUREMENT = 'logs';

/** Records between two pauses: a few milliseconds. */
const RECORDS_IN_STEP = 200;

const TRACE_ID = /^(?!0*$)[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0*$)[0-9a-f]{16}$/;

/**
 * To be done in turns.
 *
 * @param isTag attributes that become tags; the others are in a field
 * @throws Error if the body is no such request; RangeError if it is too large
 */
export function* takeLogs(
  decoder: Decoder,
  body: Raw,
  intake: Intake,
  isTag: (attribute: string) => boolean,
): Generator<undefined, void> {
  const unique = uniqueTimes();
  for (const resourceLogs of decoder.open(LOGS_REQUEST, body).resourceLogs) {
    const { resource, scopeLogs } = decoder.open(RESOURCE_LOGS, resourceLogs);
    for (const each of scopeLogs) {
      const { scope, logRecords } = decoder.open(SCOPE_LOGS, each);
      const source = sourceOf(decoder, resource, scope);
      for (const [index, raw] of logRecords.entries()) {
        if (index % RECORDS_IN_STEP === 0) yield;
        const record = decoder.open(LOG_RECORD, raw);
        const attributes = new Map([...source, ...attributesOf(decoder, record.attributes)]);
        const { timeUnixNano, observedTimeUnixNano, ...rest } = record;
        const time = timeUnixNano || observedTimeUnixNano || undefined;
        intake.add({
          name: MEASUREMENT,
          tags: withHost(tagsOf(attributes, isTag), source),
          fields: fieldsOf(rest, textOf(plainOf(decoder, rest.body)), attributes, isTag),
          time: time === undefined ? undefined : unique(time),
        });
      }
    }
  }
}

function tagsOf(attributes: Attributes, isTag: (attribute: string) => boolean): Map<string, string> {
  const chosen = [...attributes].filter(([key]) => isTag(key));
  return new Map(chosen.map(([key, value]) => [key, textOf(value)]));
}

interface Fields {
  readonly severityNumber: bigint | undefined;
  readonly severityText: string | undefined;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly eventName: string | undefined;
  readonly droppedAttributesCount: bigint | undefined;
}

function fieldsOf(
  record: Fields,
  body: string,
  attributes: Attributes,
  isTag: (attribute: string) => boolean,
): Map<string, FieldValue | undefined> {
  const { severityNumber, severityText, traceId = '', spanId = '', eventName, droppedAttributesCount } = record;
  const others = [...attributes].filter(([key]) => !isTag(key));
  return new Map<string, FieldValue | undefined>([
    ['body', body],
    ['severity_number', severityNumber || undefined],
    ['severity_text', severityText || undefined],
    ['trace_id', TRACE_ID.test(traceId) ? traceId : undefined],
    ['span_id', SPAN_ID.test(spanId) ? spanId : undefined],
    ['event_name', eventName || undefined],
    ['attributes', others.length === 0 ? undefined : JSON.stringify(Object.fromEntries(others))],
    ['dropped_attributes_count', droppedAttributesCount || undefined],
  ]);
}

/**
 * A database keeps one of two records with equal tags and time, so a later one of a request gets the next nanosecond. A
 * request that is sent again becomes the same points.
 */
function uniqueTimes(): (time: bigint) => bigint {
  const next = new Map<bigint, bigint>();
  return (time) => {
    let free = time;
    for (let after = next.get(free); after !== undefined; after = next.get(free)) free = after;
    next.set(time, free + 1n);
    next.set(free, free + 1n);
    return free;
  };
}
