/** `healthd join` and `healthd hub …`. */
import { defineCommand, type Command } from '../command.ts';
import { CONFIG, JSON_OUTPUT } from '../parameters.ts';

const HOST = { value: 'host', summary: 'its name, or its id from "hub hosts --json"', isRequired: true } as const;

export const hubCommands: readonly Command[] = [
  defineCommand({
    path: 'join',
    summary: 'make this host a member of a hub, or of one more',
    arguments: { address: { value: 'address', summary: 'what "hub token create" has printed', isRequired: true } },
    options: { config: CONFIG },
    load: async () => (await import('./join.ts')).join,
  }),
  defineCommand({
    path: 'leave',
    summary: 'end the membership of this host in a hub',
    arguments: { hub: { value: 'hub', summary: 'its address, or the alias of its output, if there are several' } },
    options: { config: CONFIG },
    load: async () => (await import('./join.ts')).leave,
  }),
  defineCommand({
    path: 'hub status',
    summary: 'the hub on one screen: hosts, lines, tokens, disk',
    options: { config: CONFIG, json: JSON_OUTPUT },
    load: async () => (await import('./status.ts')).hubStatus,
  }),
  defineCommand({
    path: 'hub hosts',
    summary: 'list the hosts of this hub, and whether they are there',
    options: { config: CONFIG, json: JSON_OUTPUT },
    load: async () => (await import('./hosts.ts')).hubHosts,
  }),
  defineCommand({
    path: 'hub events',
    summary: 'list what happened to the hosts, the newest first',
    arguments: { host: { value: 'host', summary: 'only of this one' } },
    options: { config: CONFIG, json: JSON_OUTPUT },
    load: async () => (await import('./hosts.ts')).hubEvents,
  }),
  defineCommand({
    path: 'hub inventory',
    summary: 'show what a host is made of, and what changed in it',
    arguments: { host: HOST },
    options: { config: CONFIG, json: JSON_OUTPUT },
    load: async () => (await import('./inventory.ts')).hubInventory,
  }),
  defineCommand({
    path: 'hub approve',
    summary: 'take a host that waits for approval',
    arguments: { host: HOST },
    options: { config: CONFIG },
    load: async () => (await import('./act.ts')).hubApprove,
  }),
  defineCommand({
    path: 'hub revoke',
    summary: 'refuse a host from now on',
    arguments: { host: HOST },
    options: { config: CONFIG },
    load: async () => (await import('./act.ts')).hubRevoke,
  }),
  defineCommand({
    path: 'hub rotate',
    summary: 'ask a host for a new key, or all hosts',
    arguments: { host: { value: 'host', summary: 'its name or id' } },
    options: { config: CONFIG, all: { summary: 'every host' } },
    load: async () => (await import('./act.ts')).hubRotate,
  }),
  defineCommand({
    path: 'hub forget',
    summary: 'forget a host; it may join again',
    arguments: { host: HOST },
    options: { config: CONFIG },
    load: async () => (await import('./act.ts')).hubForget,
  }),
  defineCommand({
    path: 'hub rename',
    summary: 'give a host a name for people',
    arguments: { host: HOST, name: { value: 'name', summary: 'the name; without one, its own again' } },
    options: { config: CONFIG },
    load: async () => (await import('./names.ts')).hubRename,
  }),
  defineCommand({
    path: 'hub label',
    summary: 'give labels to a host, for scopes and rules',
    arguments: {
      host: HOST,
      labels: { value: 'labels', summary: 'key=value; key= takes one away', isRequired: true, isList: true },
    },
    options: { config: CONFIG },
    load: async () => (await import('./names.ts')).hubLabel,
  }),
  defineCommand({
    path: 'hub token',
    summary: 'create, list or end join tokens',
    arguments: {
      action: { value: 'action', summary: 'what to do', isRequired: true, choices: ['create', 'list', 'end'] },
      id: { value: 'id', summary: 'of the token to end' },
    },
    options: {
      config: CONFIG,
      tags: { value: 'tags', summary: 'that joining hosts get, such as role=db,site=fra1' },
      expires: { value: 'duration', summary: 'until when hosts may join (default: 1h)' },
      uses: { value: 'number', summary: 'how many hosts may join (default: 1)' },
      forget: { value: 'duration', summary: 'hosts are forgotten after so long without a word (default: hub.forget)' },
      json: JSON_OUTPUT,
    },
    load: async () => (await import('./token.ts')).hubToken,
  }),
  defineCommand({
    path: 'hub backup',
    summary: 'copy the hosts of this hub to a new file; also while it runs',
    arguments: { file: { value: 'file', summary: 'the copy', isRequired: true } },
    options: { config: CONFIG },
    load: async () => (await import('./copies.ts')).hubBackup,
  }),
  defineCommand({
    path: 'hub restore',
    summary: 'put a copy in the place of the hosts; the hub must be stopped',
    arguments: { file: { value: 'file', summary: 'a copy that "hub backup" has made', isRequired: true } },
    options: { config: CONFIG },
    load: async () => (await import('./copies.ts')).hubRestore,
  }),
];
