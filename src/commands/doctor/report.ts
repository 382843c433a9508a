/** A file for a bug report: versions, findings, state, configuration and log, without secrets. */
import { readFile, writeFile } from 'node:fs/promises';
import { arch, release } from 'node:os';

import type { LogAnswer } from '../../api/agent.ts';
import { showConfig } from '../../config/show.ts';
import { ConfigError, describeError, errorCode } from '../../core/errors.ts';
import type { ControlClient } from '../../server/client.ts';
import { healthdVersion } from '../../version.ts';

import { jsonText } from '../print.ts';

import type { DoctorFinding, Patient } from './finding.ts';

interface ReportFacts {
  readonly patient: Patient;
  readonly findings: readonly DoctorFinding[];
  readonly client: ControlClient;
}

const LOG_LINES = 200;
/** Bytes read from the end of a log file. */
const LOG_BYTES = 64 * 1024;

/** @throws ConfigError if the file exists or cannot be written */
export async function writeReport(file: string, facts: ReportFacts): Promise<void> {
  const { patient, findings } = facts;
  const { config, agent } = patient;
  const versions = { healthd: healthdVersion(), node: process.version, platform: process.platform, release: release(), arch: arch() }; // prettier-ignore
  const sections: readonly (readonly [title: string, text: string])[] = [
    ['Versions', jsonText(versions)],
    // Without the lines of an invalid configuration, whose secrets are not known.
    ['Findings', jsonText(findings.map(({ detail: _, ...finding }) => finding))],
    ['Agent', agent === undefined ? 'not running' : jsonText(agent)],
    ['Configuration', config === undefined ? 'invalid' : showConfig(config)],
    ['Log', await lastLines(facts)],
  ];
  const text = sections.map(([title, body]) => `## ${title}\n\n\`\`\`\n${body.trim()}\n\`\`\`\n`).join('\n');
  const clean = config === undefined ? text : config.secrets.redact(text);
  try {
    await writeFile(file, clean, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const reason = errorCode(error) === 'EEXIST' ? 'it exists' : describeError(error);
    throw new ConfigError(`Cannot write the report ${file}: ${reason}`, { cause: error });
  }
}

/** Of the running agent, else of its file. */
async function lastLines({ client, patient: { config, agent } }: ReportFacts): Promise<string> {
  if (agent !== undefined) {
    try {
      const { lines } = (await client.get(`/api/v1/log?limit=${LOG_LINES}`)) as LogAnswer;
      return lines.map(({ at, level, source, message }) => `${new Date(at).toISOString()} ${level} [${source}] ${message}`).join('\n'); // prettier-ignore
    } catch (error) {
      return `the agent does not tell: ${describeError(error)}`;
    }
  }
  const path = config?.log.file?.path;
  if (path === undefined) return 'no log file; see: journalctl -u healthd -n 200';
  try {
    const text = await readFile(path);
    return text.subarray(-LOG_BYTES).toString().split('\n').slice(-LOG_LINES).join('\n');
  } catch (error) {
    return `${path}: ${describeError(error)}`;
  }
}
