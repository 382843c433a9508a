import { compileGlobs, defineInput, globs, z, type Accumulator, type KeptText } from '../../plugin/index.ts';

import { metrics } from './metrics.ts';
import { pointOf, type EventRow } from './point.ts';

/** `*`, or one predicate: `*[System[Level < 4]]`. */
const QUERY = /^\*$|^\*\[.+\]$/s;

/** Questions in one gather. */
const MOST_BATCHES = 20;

interface Bookmark {
  /** EventRecordID of the last event that was reported and is safe. */
  readonly after: number;
}

/**
 * Events of one log of Windows. Source: EventLogReader of .NET, by the number of the record. The bookmark moves when the events before it
 * are in the journal, so none is lost; after a crash some may be reported again.
 */
export const winEventlog = defineInput({
  name: 'win_eventlog',
  summary: 'Events of the event log of Windows',
  config: z.strictObject({
    eventlog_name: z
      .string()
      .min(1)
      .max(255)
      .default('System')
      .describe('Name of the log, such as System or Application'),
    xpath_query: z
      .string()
      .max(4000)
      .regex(QUERY, 'must be * or *[…], such as *[System[Level < 4]]')
      .default('*')
      .describe('Events to report, as one XPath predicate such as *[System[Level < 4]]'),
    from_beginning: z.boolean().default(false).describe('Without a bookmark: reports what is in the log already'),
    event_batch_size: z.number().int().min(1).max(1000).default(100).describe('Events in one question to Windows'),
    only_first_line_of_message: z.boolean().default(true).describe('Cuts the message after its first line'),
    process_eventdata: z.boolean().default(true).describe('Adds Data_<name> for each value of the event'),
    timestamp_from_event: z.boolean().default(true).describe('Takes the time of the event; else that of the gather'),
    event_tags: globs([
      ...['Source', 'EventID', 'Level', 'LevelText', 'Task', 'TaskText', 'Opcode', 'OpcodeText', 'Keywords'],
      ...['Channel', 'Computer'],
    ]).describe('Globs of the values that become tags; the others are fields'),
    exclude_fields: globs().describe('Globs of values to leave out'),
  }),
  metrics,
  create(options, { host, windows, kept, storage, log }) {
    const shape = {
      isTag: compileGlobs(options.event_tags),
      isExcluded: options.exclude_fields.length === 0 ? () => false : compileGlobs(options.exclude_fields),
      ...options,
    };
    const ask = async (after: number, max: number, signal: AbortSignal) => {
      const request = { log: options.eventlog_name, query: queryAfter(options.xpath_query, after), max };
      return pageOf(await windows.ask('eventlog', request, signal));
    };
    let bookmark: Bookmark | undefined;
    const begin = async (signal: AbortSignal): Promise<Bookmark> => {
      const known = await readBookmark(kept);
      if (known !== undefined || options.from_beginning) return known ?? { after: 0 };
      return { after: (await ask(0, 0, signal)).newest };
    };
    return {
      async gather(acc: Accumulator<typeof metrics>, signal) {
        if (host.platform !== 'win32')
          throw new Error(`The input win_eventlog works on Windows only, not on ${host.platform}; remove it there`);
        bookmark ??= await begin(signal);
        for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
          const { newest, events } = await ask(bookmark.after, options.event_batch_size, signal);
          if (newest < bookmark.after) {
            log.warn(`The log ${options.eventlog_name} was cleared; it is read from its beginning`);
            bookmark = { after: 0 };
            continue;
          }
          for (const event of events) pointOf(event, shape, acc);
          const last = events.at(-1);
          // Without a match, everything up to the newest record was looked at.
          const after = last === undefined ? newest : last.id;
          if (after !== bookmark.after || batch === 0) {
            await storage.written();
            await kept.write(`${JSON.stringify({ after })}\n`);
          }
          bookmark = { after };
          if (events.length < options.event_batch_size) return;
        }
      },
    };
  },
});

/** The predicate of the user and that of the bookmark in one. */
export function queryAfter(query: string, after: number): string {
  const own = `System[EventRecordID > ${after}]`;
  return query === '*' ? `*[${own}]` : `*[${own} and (${query.slice(2, -1)})]`;
}

async function readBookmark(kept: KeptText): Promise<Bookmark | undefined> {
  const text = await kept.read();
  if (text === undefined) return undefined;
  return parseBookmark(text);
}

/** @throws Error if it is damaged: to begin somewhere else would lose or repeat events without a word */
export function parseBookmark(text: string): Bookmark {
  try {
    const { after } = JSON.parse(text) as { readonly after?: unknown };
    if (typeof after === 'number' && Number.isSafeInteger(after) && after >= 0) return { after };
  } catch {
    // said below
  }
  throw new Error(
    'The bookmark of the event log is damaged; delete the file plugins/inputs.win_eventlog*.json in the state directory',
  );
}

/** @throws Error if the answer has not the form of a page */
function pageOf([row]: readonly unknown[]): { readonly newest: number; readonly events: readonly EventRow[] } {
  const { newest, events } = (row ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof newest !== 'number' || !Array.isArray(events)) throw new Error('Windows gave no page of the event log');
  const rows = events as readonly EventRow[];
  if (rows.some(({ id }) => typeof id !== 'number')) throw new Error('Windows gave an event without a number');
  return { newest, events: rows };
}
