/** What the helper process on Windows writes, the bookmark of the event log, and a task as the Task Scheduler prints it. */
import { ok } from 'node:assert/strict';

import { parseReaderLine } from '../../../src/host/windows/reader.ts';
import { parseBookmark } from '../../../src/plugins/win_eventlog/index.ts';
import { parseTask, taskDefinition } from '../../../src/service/windows/task.ts';
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
  target('a task of the Task Scheduler', {
    examples: [taskDefinition({ command: ['C:\\node.exe', 'C:\\cli.js'], config: 'D:\\a & "b".yaml' }), '<Task/>'],
    parse: (input) => parseTask(input.toString()),
    holds: (task) => {
      ok(task === undefined || task.config === undefined || task.config.length > 0);
    },
  }),
];
