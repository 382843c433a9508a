/** `healthd server …`. */
import { defineCommand, type Command } from '../command.ts';
import { CONFIG, JSON_OUTPUT } from '../parameters.ts';

export const serverCommands: readonly Command[] = [
  defineCommand({
    path: 'server token',
    summary: 'create, list or end API tokens',
    arguments: {
      action: { value: 'action', summary: 'what to do', isRequired: true, choices: ['create', 'list', 'end'] },
      id: { value: 'id', summary: 'of the token to end' },
    },
    options: {
      config: CONFIG,
      name: { value: 'name', summary: 'who gets it; stands in the audit log' },
      role: { value: 'role', summary: 'viewer, operator or admin (default: viewer)' },
      scope: { value: 'tags', summary: 'hosts that it is for, such as team=shop (default: all)' },
      expires: { value: 'duration', summary: 'until when it is valid (default: 90d)' },
      json: JSON_OUTPUT,
    },
    load: async () => (await import('./token.ts')).serverToken,
  }),
];
