/** Decodes `prometheus.WriteRequest` of remote write 1.0: https://prometheus.io/docs/specs/prw/remote_write_spec/ */
import { ProtobufReader } from '../../plugin/index.ts';
import type { Sample } from '../exposition.ts';

/** Field numbers. */
const TIME_SERIES = 1;
const LABELS = 1;
const SAMPLES = 2;
const NAME = 1;
const VALUE = 2;
const SAMPLE_VALUE = 1;
const TIMESTAMP = 2;

const NS_PER_MS = 1_000_000n;
const NAME_LABEL = '__name__';

/** Series between two pauses. */
const SERIES_IN_STEP = 500;

/**
 * The samples of a request; exemplars, histograms and metadata are left out. To be done in turns.
 *
 * @param most maximum number of samples
 * @throws Error if the bytes are no such message, or a series has no name; RangeError for too many samples
 */
export function* decodeWriteRequest(bytes: Uint8Array, most: number): Generator<undefined, Sample[]> {
  const samples: Sample[] = [];
  const request = new ProtobufReader(bytes);
  for (let count = 1; request.next(); count += 1) {
    if (count % SERIES_IN_STEP === 0) yield;
    if (request.field === TIME_SERIES) readSeries(request.bytes(), samples, most);
    else request.skip();
  }
  return samples;
}

/** `repeated Label labels = 1; repeated Sample samples = 2`. */
function readSeries(bytes: Buffer, samples: Sample[], most: number): void {
  const labels = new Map<string, string>();
  const found: Buffer[] = [];
  const series = new ProtobufReader(bytes);
  while (series.next()) {
    if (series.field === LABELS) addLabel(series.bytes(), labels);
    else if (series.field === SAMPLES) found.push(series.bytes());
    else series.skip();
    if (samples.length + found.length > most) throw new RangeError(`more than ${most} samples`);
  }
  if (found.length === 0) return;
  const name = labels.get(NAME_LABEL);
  if (name === undefined) throw new Error(`a series has no label ${NAME_LABEL}`);
  labels.delete(NAME_LABEL);
  for (const each of found) samples.push({ name, labels, ...readSample(each) });
}

/** `string name = 1; string value = 2`. */
function addLabel(bytes: Buffer, labels: Map<string, string>): void {
  let [name, value] = ['', ''];
  const label = new ProtobufReader(bytes);
  while (label.next()) {
    if (label.field === NAME) name = label.text();
    else if (label.field === VALUE) value = label.text();
    else label.skip();
  }
  if (name !== '' && value !== '') labels.set(name, value);
}

/** `double value = 1; int64 timestamp = 2`, in milliseconds. */
function readSample(bytes: Buffer): Pick<Sample, 'value' | 'time'> {
  let [value, time] = [0, 0n];
  const sample = new ProtobufReader(bytes);
  while (sample.next()) {
    if (sample.field === SAMPLE_VALUE) value = sample.double();
    else if (sample.field === TIMESTAMP) time = sample.int64() * NS_PER_MS;
    else sample.skip();
  }
  return { value, time };
}
