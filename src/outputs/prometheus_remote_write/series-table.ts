import { milliseconds, ProtobufWriter, type Metric, type MetricSpec, type Tags } from '../../plugin/index.ts';
import {
  describeField,
  labelsOf,
  metricName,
  sampleValue,
  type Description,
  type Hidden,
  type Label,
} from '../prometheus-names.ts';

/** The samples of one series in one request. */
export interface Series extends Description {
  readonly name: string;
  /** `measurement.field` of the samples in this request. */
  source: string;
  /** Several fields have this name and these labels. Rows do not say which of them has it in this request. */
  isContested: boolean;
  /** The labels, encoded as fields of a `TimeSeries`. */
  readonly labels: Uint8Array;
  /** Milliseconds since the Unix epoch, ascending, without duplicates. */
  readonly times: number[];
  readonly values: number[];
}

export interface SeriesTableSettings {
  readonly describe: (measurement: string) => MetricSpec | undefined;
  /** A field is left out, since another one has its name. Called each time. */
  readonly onHidden?: (hidden: Hidden) => void;
  /** Maximum number of series that are cached between requests, about 700 bytes each; default 40,000. */
  readonly limit?: number;
}

/** Field → series, for one measurement and one set of tags. */
type Row = Map<string, Series>;

/** Groups the samples of a batch by series. Encoded labels are cached, since series recur. */
export class SeriesTable {
  readonly #describe: SeriesTableSettings['describe'];
  readonly #onHidden: SeriesTableSettings['onHidden'];
  readonly #limit: number;
  #rows = new WeakMap<Tags, Map<string, Row>>();
  /** By encoded labels: two fields may map to the same name and labels. */
  readonly #series = new Map<string, Series>();
  readonly #writer = new ProtobufWriter();
  /** The result of the last call. */
  #found: Series[] = [];

  constructor({ describe, onHidden, limit = 40_000 }: SeriesTableSettings) {
    this.#describe = describe;
    this.#onHidden = onHidden;
    this.#limit = limit;
  }

  /** The series that have samples, in order of appearance. Valid until the next call. */
  group(metrics: Iterable<Metric>): readonly Series[] {
    this.#clear();
    const found = this.#found;
    for (const metric of metrics) {
      const time = milliseconds(metric.time);
      const row = this.#rowOf(metric);
      for (const field in metric.fields) {
        const value = sampleValue(metric.fields[field]);
        if (value === undefined) continue;
        const cached = row.get(field);
        const series = cached?.isContested === false ? cached : this.#learn(metric, field, row);
        if (series === undefined) continue;
        if (series.times.length === 0) found.push(series);
        insert(series, time, value);
      }
    }
    return found;
  }

  #rowOf({ name, tags }: Metric): Row {
    if (!Object.isFrozen(tags)) return new Map();
    let rows = this.#rows.get(tags);
    if (rows === undefined) this.#rows.set(tags, (rows = new Map<string, Row>()));
    let row = rows.get(name);
    if (row === undefined) rows.set(name, (row = new Map<string, Series>()));
    return row;
  }

  /** @returns undefined if another field of this request has the name and labels: two values for one time would be refused */
  #learn({ name: measurement, tags }: Metric, field: string, row: Row): Series | undefined {
    const source = `${measurement}.${field}`;
    const name = metricName(measurement, field);
    const labels = this.#encode(inOrder([['__name__', name], ...labelsOf(tags)]));
    const identity = labels.toString('latin1');
    const known = this.#series.get(identity);
    if (known !== undefined && known.source !== source) {
      known.isContested = true;
      if (known.times.length > 0) {
        this.#onHidden?.({ name, source, owner: known.source });
        return undefined;
      }
      known.source = source;
      return known;
    }
    const series = known ?? {
      name,
      source,
      isContested: false,
      labels,
      ...describeField(this.#describe(measurement), field),
      times: [],
      values: [],
    };
    this.#series.set(identity, series);
    row.set(field, series);
    return series;
  }

  /** `repeated Label labels = 1`, each `string name = 1; string value = 2`. */
  #encode(labels: readonly Label[]): Buffer {
    const fields = labels.map((label) => {
      for (const [index, text] of label.entries()) this.#writer.field(index + 1, Buffer.from(text));
      return Buffer.from(this.#writer.take());
    });
    for (const field of fields) this.#writer.field(1, field);
    return Buffer.from(this.#writer.take());
  }

  /** Clears the samples; and the cache if it is too large, since live series are added again immediately. */
  #clear(): void {
    for (const { times, values } of this.#found) {
      times.length = 0;
      values.length = 0;
    }
    this.#found = [];
    if (this.#series.size <= this.#limit) return;
    this.#rows = new WeakMap();
    this.#series.clear();
  }
}

/** Sorted by name; names are unique. */
function inOrder(labels: readonly Label[]): readonly Label[] {
  return labels.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Samples nearly always arrive in order of time. Of two with the same time, the later one wins. */
function insert({ times, values }: Series, time: number, value: number): void {
  let at = times.length;
  while (at > 0 && (times[at - 1] ?? 0) > time) at -= 1;
  if (times[at - 1] === time) values[at - 1] = value;
  else if (at === times.length) {
    times.push(time);
    values.push(value);
  } else {
    times.splice(at, 0, time);
    values.splice(at, 0, value);
  }
}
