import { defineCommand, type Command } from '../command.ts';
import { CONFIG } from '../parameters.ts';

export const serviceCommands: readonly Command[] = [
  defineCommand({
    path: 'service install',
    summary: 'run at each boot, by systemd, launchd or Windows',
    options: {
      config: CONFIG,
      docker: { summary: 'watch containers: lets it do what members of the group docker can' },
      winsw: { value: 'exe', summary: 'on Windows: only write the configuration for this program of WinSW' },
      task: { summary: 'on Windows: a task that runs at each start, instead of a service' },
      dryRun: { summary: 'print what would be done' },
    },
    load: async () => (await import('./service.ts')).serviceInstall,
  }),
  defineCommand({
    path: 'service start',
    summary: 'start it now',
    options: {},
    load: async () => (await import('./service.ts')).serviceStart,
  }),
  defineCommand({
    path: 'service stop',
    summary: 'stop it until the next boot',
    options: {},
    load: async () => (await import('./service.ts')).serviceStop,
  }),
  defineCommand({
    path: 'service status',
    summary: 'whether it is installed, and runs',
    options: {},
    load: async () => (await import('./service.ts')).serviceStatus,
  }),
  defineCommand({
    path: 'service uninstall',
    summary: 'stop it, and remove the service; data and configuration stay',
    options: { dryRun: { summary: 'print what would be done' } },
    load: async () => (await import('./service.ts')).serviceUninstall,
  }),
];
