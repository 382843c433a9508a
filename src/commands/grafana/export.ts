/** `healthd grafana export`: dashboards, alert rules and provisioning as files. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { exportFiles } from '../../grafana/export.ts';
import { SOURCES, type Source } from '../../grafana/writers/writer.ts';
import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';

import { builtInContent } from './content.ts';

export interface GrafanaExportOptions extends ConfigOptions {
  readonly source?: Source;
}

export async function grafanaExport(
  folder: string,
  { source }: GrafanaExportOptions,
  { cwd, stdout }: Terminal,
): Promise<ExitCode> {
  const content = await builtInContent();
  const files = (source === undefined ? SOURCES : [source]).flatMap((one) => exportFiles(content, one));
  for (const { path, text } of files) {
    const file = join(resolve(cwd, folder), path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  stdout.write(`${files.length} files written to ${folder}\n`);
  return EXIT.ok;
}
