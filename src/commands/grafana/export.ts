/** `healthd grafana export`: writes dashboards, alert rules and provisioning files. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { exportFiles } from '../../grafana/export.ts';
import { SOURCES, type Source } from '../../grafana/writers/writer.ts';
import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { readConfig } from '../read-config.ts';

import { grafanaContent } from './content.ts';
import { print } from '../print.ts';

export interface ExportInput extends ConfigOptions {
  readonly folder: string;
  /** Default: all sources. */
  readonly source?: Source;
}

export async function grafanaExport(
  { folder, source, ...options }: ExportInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const content = await grafanaContent(await readConfig(options, terminal));
  const sources = source === undefined ? SOURCES : [source];
  const files = sources.flatMap((source) => exportFiles(content, source));
  for (const { path, text } of files) {
    const file = resolve(terminal.cwd, folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  const own = content.custom.map(({ name }) => name);
  print(terminal.stdout, `${files.length} files in ${folder}, for ${sources.join(', ')}`);
  if (own.length > 0) print(terminal.stdout, `Including dashboards for your own inputs: ${own.join(', ')}`);
  return EXIT.ok;
}
