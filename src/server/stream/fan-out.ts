/**
 * The live stream: one subscription and one text of each message for all readers. Findings and alerts are compared once a second
 * while somebody reads, and sent when they have changed.
 */
import type { EventInfo, FindingsAnswer } from '../../api/host.ts';
import type { Clock } from '../../core/clock.ts';
import type { LivePoints } from '../../gather/live.ts';
import type { ProcessFrame } from '../../host/processes/frame.ts';

import type { Caller } from '../access/caller.ts';
import { sightOf, type Sight } from '../access/sight.ts';
import type { EventSink } from '../answer.ts';
import { HttpError } from '../http-error.ts';
import { currentAlerts } from '../routes/alerts.ts';
import { seenEvents, seenFindings } from '../seen.ts';
import { shownEvent, shownFindings, shownProcesses } from '../shown.ts';
import type { Frozen, Sources } from '../sources.ts';

import { Columns } from './columns.ts';

export const MAX_READERS = 64;
const COMPARE_MS = 1000;

interface Reader {
  readonly sink: EventSink;
  readonly caller: Caller;
  /** What it was sent last, to compare. */
  findings: string;
  alerts: string;
  /** Which hosts it sees; asked again each second, since hosts and their labels change. */
  sight: Sight;
  /** Those that all have who see everything, or its own. */
  readonly columns: () => Columns;
  /** Number of columns it knows. */
  known: number;
}

export class StreamFanOut {
  readonly #sources: Sources;
  readonly #clock: Clock;
  /** The oldest first. */
  readonly #readers = new Set<Reader>();
  /** Readers that are still sent the ring. */
  #starting = 0;
  #columns = new Columns(undefined);
  #end: () => void = () => undefined;

  constructor(sources: Sources, clock: Clock) {
    this.#sources = sources;
    this.#clock = clock;
  }

  /** Makes room by dropping a reader that does not read. @throws HttpError 503 if all of them do */
  checkRoom(): void {
    if (this.#readers.size + this.#starting < MAX_READERS) return;
    const lazy = [...this.#readers].find(({ sink }) => sink.isBehind);
    if (lazy === undefined)
      throw new HttpError(503, `${MAX_READERS} streams are open; close a page`, { 'retry-after': '10' });
    this.#remove(lazy);
    lazy.sink.drop();
  }

  /** @param since leaves out samples up to this time, ms since the Unix epoch */
  async add(sink: EventSink, caller: Caller, since: number): Promise<void> {
    const { closed } = sink;
    this.#begin();
    this.#starting += 1;
    let reader: Reader;
    try {
      reader = this.#readerOf(sink, caller);
      this.#sendChanged(reader);
      await this.#sendRing(reader, since);
    } catch (error) {
      this.#starting -= 1;
      this.#endIfEmpty();
      throw error;
    }
    this.#starting -= 1;
    this.#readers.add(reader);
    closed.addEventListener('abort', () => {
      this.#remove(reader);
    });
    if (closed.aborted) this.#remove(reader);
  }

  #readerOf(sink: EventSink, caller: Caller): Reader {
    const sight = sightOf(caller.scope, this.#sources);
    const own = sight.isWhole ? undefined : new Columns(this.#sources.hostTag());
    return { sink, caller, sight, columns: () => own ?? this.#columns, findings: '', alerts: '', known: 0 };
  }

  /** What the ring holds, as fast as the reader takes it. Samples that come meanwhile are in the ring too. */
  async #sendRing(reader: Reader, since: number): Promise<void> {
    for (let after = since; ;) {
      const points = this.#sources.live()?.recent(after) ?? [];
      const last = points.at(-1);
      if (last === undefined) return;
      for (const each of points) {
        if (reader.sink.closed.aborted) return;
        await reader.sink.sendAndWait('sample', this.#sampleFor(reader, each));
      }
      after = last.at;
    }
  }

  /** Tells the reader of new columns first. */
  #sampleFor(reader: Reader, points: LivePoints): string {
    const { sight, columns } = reader;
    const metrics = sight.isWhole ? points.metrics : points.metrics.filter(({ tags }) => sight.named(tags['host']));
    const sample = JSON.stringify(columns().sample({ ...points, metrics }));
    this.#sendColumns(reader);
    return sample;
  }

  #sendColumns(reader: Reader): void {
    const { size, names } = reader.columns();
    if (reader.known === size) return;
    reader.known = size;
    reader.sink.send('series', JSON.stringify({ names }));
  }

  /** With the first reader. */
  #begin(): void {
    if (this.#readers.size + this.#starting > 0) return;
    const { live, hostTag, onEvent } = this.#sources;
    this.#columns = new Columns(hostTag());
    const ends = [
      live()?.watch({
        onPoints: (points) => {
          this.#onPoints(points);
        },
        onProcesses: (frame) => {
          for (const reader of this.#readers) this.#sendFrame(reader, frame);
        },
      }),
      onEvent?.((event) => {
        for (const reader of this.#readers) this.#sendEvent(reader, event);
      }),
      this.#compareRegularly(),
    ];
    this.#end = () => {
      for (const end of ends) end?.();
    };
  }

  #compareRegularly(): () => void {
    const over = new AbortController();
    let cancel: () => void = () => undefined;
    const compareLater = () => {
      cancel = this.#clock.after(COMPARE_MS, () => {
        for (const reader of this.#readers) this.#compare(reader);
        // The last reader may just have been removed.
        if (!over.signal.aborted) compareLater();
      });
    };
    compareLater();
    return () => {
      over.abort();
      cancel();
    };
  }

  #onPoints(points: LivePoints): void {
    const sample = JSON.stringify(this.#columns.sample(points));
    for (const reader of this.#readers) {
      const its = reader.sight.isWhole ? sample : this.#sampleFor(reader, points);
      this.#sendColumns(reader);
      reader.sink.send('sample', its);
    }
  }

  #sendEvent({ sink, caller, sight }: Reader, event: EventInfo): void {
    for (const each of seenEvents([event], sight, this.#sources.alerts()))
      sink.send('event', JSON.stringify(shownEvent(each, caller)));
  }

  /** Ends the stream of one whose session or token has ended. */
  #compare(reader: Reader): void {
    if (!reader.caller.isValid()) {
      this.#remove(reader);
      reader.sink.drop();
      return;
    }
    reader.sight = sightOf(reader.caller.scope, this.#sources);
    this.#sendChanged(reader);
  }

  #sendFrame({ sink, caller, sight }: Reader, frame: ProcessFrame | undefined): void {
    if (frame === undefined || !sight.own) return;
    sink.send('processes', JSON.stringify(shownProcesses(frame, caller, this.#sources.user())));
  }

  #sendChanged(reader: Reader): void {
    const findings = this.#sources.findings();
    if (findings !== undefined) {
      const shown = seenFindings(shownFindings(findings, reader.caller), reader.sight, this.#sources.alerts());
      const text = contentOf(shown);
      if (text !== reader.findings) reader.sink.send('findings', JSON.stringify(shown));
      reader.findings = text;
    }
    const control = this.#sources.alerts();
    if (control === undefined) return;
    const { alerts } = currentAlerts(control, reader.caller, reader.sight);
    const answer = JSON.stringify({ alerts, windows: [] });
    if (answer !== reader.alerts) reader.sink.send('alerts', answer);
    reader.alerts = answer;
  }

  #remove(reader: Reader): void {
    if (this.#readers.delete(reader)) this.#endIfEmpty();
  }

  #endIfEmpty(): void {
    if (this.#readers.size + this.#starting > 0) return;
    this.#end();
    this.#end = () => undefined;
  }
}

/** Without the time of the last check, which changes with each. */
function contentOf({ findings, fine }: Frozen<FindingsAnswer>): string {
  return JSON.stringify([findings, fine]);
}
