/** What the helper process on Windows writes, and the bookmark of the event log. */
import { ok } from 'node:assert/strict';

import { parseReaderLine } from '../../../src/host/windows/reader.ts';
import { parseBookmark } from '../../../src/plugins/win_eventlog/index.ts';
import { target, type Target } from '../target.ts';

export const WINDOWS: readonly Target[] = [
  target('a line of the Windows reader', {
    examples: [
      '{"ready":1}\r',
      '{"id":1,"value":[{"Name":"C:"}],"memory":60000000}',
      '{"id":2,"error":"Access denied"}',
    ],
    parse: (input) => parseReaderLine(input.toString()),
    holds: (said) => {
      ok(said === undefined || (typeof said === 'object' && !Array.isArray(said)));
    },
  }),
  target('the bookmark of win_eventlog', {
    examples: ['{"after":7}\n', '{"after":9007199254740991}'],
    parse: (input) => parseBookmark(input.toString()),
    throws: ['Error'],
    holds: ({ after }) => {
      ok(Number.isSafeInteger(after) && after >= 0);
    },
  }),
];
