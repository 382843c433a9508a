/** `healthd grafana …`. */
import { SOURCES } from '../../grafana/writers/writer.ts';
import { defineCommand, type Command } from '../command.ts';
import { CONFIG } from '../parameters.ts';

export const grafanaCommands: readonly Command[] = [
  defineCommand({
    path: 'grafana export',
    summary: 'write dashboards, alert rules and data sources as files, your own plugins included',
    arguments: { folder: { value: 'folder', summary: 'target folder; existing files are replaced', isRequired: true } },
    options: {
      config: CONFIG,
      source: { value: 'source', summary: 'query language (default: all)', choices: SOURCES },
    },
    load: async () => (await import('./export.ts')).grafanaExport,
  }),
  defineCommand({
    path: 'grafana push',
    summary: 'install dashboards in a running Grafana; token in $GRAFANA_TOKEN',
    arguments: { url: { value: 'url', summary: 'address of Grafana', isRequired: true } },
    options: {
      config: CONFIG,
      source: { value: 'source', summary: 'query language of the database', choices: SOURCES, isRequired: true },
      folder: { value: 'title', summary: 'folder in Grafana (default: healthd)' },
      datasource: { value: 'uid', summary: 'default data source; also installs alert rules' },
      tokenFile: { value: 'file', summary: 'read the token from this file' },
    },
    load: async () => (await import('./push.ts')).grafanaPush,
  }),
];
