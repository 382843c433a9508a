/** `healthd grafana push`: installs dashboards, and with a data source alert rules, through Grafana's HTTP API. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { ConfigError, describeError, toError } from '../../core/errors.ts';
import { ruleGroup } from '../../grafana/alerting/grafana-rules.ts';
import { allDashboards, allRules } from '../../grafana/export.ts';
import { FOLDER, folderUid } from '../../grafana/naming.ts';
import type { Source } from '../../grafana/writers/writer.ts';
import { EXIT, type ConfigOptions, type ExitCode, type Signals, type Terminal } from '../command.ts';
import { readConfig } from '../read-config.ts';

import { grafanaApi } from './api.ts';
import { grafanaContent } from './content.ts';
import { print } from '../print.ts';

export interface PushInput extends ConfigOptions {
  readonly url: string;
  readonly source: Source;
  /** Title of the folder. */
  readonly folder?: string;
  /** Uid of a data source. Default: no alert rules. */
  readonly datasource?: string;
  readonly tokenFile?: string;
}

export async function grafanaPush(input: PushInput, terminal: Terminal, signals: Signals): Promise<ExitCode> {
  const content = await grafanaContent(await readConfig(input, terminal));
  const token = await readToken(input, terminal);
  const { source, datasource } = input;
  const title = input.folder ?? FOLDER.title;
  const api = grafanaApi({ url: input.url, token, environment: terminal.environment }, signals.stop());
  const say = (text: string) => {
    print(terminal.stdout, text);
  };
  try {
    say(`Grafana ${await api.version()}`);
    const folder = await api.folder({ uid: folderUid(title), title });
    for (const dashboard of allDashboards(content, source, datasource)) {
      say(`✓ ${dashboard.title}: ${await api.saveDashboard(dashboard, folder)}`);
    }
    if (datasource === undefined) {
      say('Alert rules not installed: they need a data source (--datasource <uid>)');
    } else {
      const rules = allRules(content, source, datasource);
      await api.saveRuleGroup(ruleGroup(rules, folder.uid), folder);
      say(`✓ ${rules.length} alert rules`);
    }
    return EXIT.ok;
  } catch (error) {
    // Causes only repeat the message in the platform's words.
    const text = toError(error).message;
    print(terminal.stderr, token === undefined ? text : text.replaceAll(token, '***'));
    return EXIT.failed;
  }
}

/** Never a command-line argument: every user of the host can read those. */
async function readToken({ tokenFile }: PushInput, { environment, cwd }: Terminal): Promise<string | undefined> {
  const token = tokenFile === undefined ? environment['GRAFANA_TOKEN'] : await readTokenFile(resolve(cwd, tokenFile));
  return token?.trim() || undefined;
}

async function readTokenFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`Cannot read the token: ${describeError(error)}`, { cause: error });
  }
}
