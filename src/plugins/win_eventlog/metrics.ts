import type { MetricCatalog } from '../../plugin/index.ts';

export const metrics = {
  win_eventlog: {
    help: 'One point per event',
    tags: {
      Source: 'Provider of the event',
      EventID: 'Number of the kind of event',
      Level: '1 critical, 2 error, 3 warning, 4 information, 5 verbose',
      LevelText: 'The level in the language of Windows',
      Task: 'Category, as a number',
      TaskText: 'Category in the language of Windows',
      Opcode: 'Operation, as a number',
      OpcodeText: 'Operation in the language of Windows',
      Keywords: 'Keywords, separated by commas',
      Channel: 'Log',
      Computer: 'Host that wrote the event',
      '*': 'What event_tags names',
    },
    fields: {
      EventRecordID: { type: 'int', help: 'Number of the event in its log' },
      Version: { type: 'int', help: 'Version of the kind of event' },
      ProcessID: { type: 'int', help: 'Process that wrote it' },
      ThreadID: { type: 'int', help: 'Thread that wrote it' },
      UserID: { type: 'string', help: 'SID of the user' },
      TimeCreated: { type: 'string', help: 'Time of the event' },
      Message: { type: 'string', help: 'Text of the event' },
    },
    dynamic: { type: 'string', help: 'Data_<name>: values of the event; and what is no tag' },
  },
} as const satisfies MetricCatalog;
