/** `healthd check`: validates the configuration as `run` does; with `--connect`, also connects to each output. */
import { pluginContext } from '../host/context.ts';
import { createInstance } from '../host/create-instance.ts';
import type { PluginEntry } from '../host/entry.ts';
import { systemClock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Output, Plugin, PluginContext } from '../plugin/index.ts';

import { sharedAddresses } from '../alerts/entry.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './command.ts';
import { readConfig } from './read-config.ts';
import { print } from './print.ts';

export interface CheckOptions extends ConfigOptions {
  readonly connect?: boolean;
}

export async function check(options: CheckOptions, terminal: Terminal): Promise<ExitCode> {
  const config = await readConfig(options, terminal);
  const say = (text: string) => {
    print(terminal.stdout, config.secrets.redact(text));
  };
  say(config.files.length === 0 ? 'No configuration found; checking the default' : `Read ${config.files.join(', ')}`);

  const notes: string[] = [];
  const note = (text: string) => {
    notes.push(text);
  };
  const log = { error: note, warn: note, info: note, debug: () => undefined };
  const context = pluginContext({ hostname: config.agent.hostname, environment: terminal.environment, log });
  const entries: readonly PluginEntry<Plugin>[] = [
    ...config.inputs,
    ...config.processors,
    ...config.outputs,
    ...config.notifiers,
  ];
  let [failed, away] = [false, false];
  for (const entry of entries) {
    const verdict = await checkEntry(entry, context, options.connect === true);
    failed ||= verdict.failed;
    away ||= verdict.isAway === true;
    say(lineOf(entry, verdict, notes.splice(0)));
  }
  for (const names of sharedAddresses(config.notifiers)) {
    say(`! notifiers ${names.join(', ')} lead to the same place: ${names[0]} sends each notification, once`);
  }
  const valid = `The configuration is valid${away ? ', but a destination does not take data' : ''}`;
  say(failed ? 'The configuration is not usable' : valid);
  return failed || away ? EXIT.failed : EXIT.ok;
}

interface Verdict {
  readonly failed: boolean;
  /** Its destination could not be reached, or refused. */
  readonly isAway?: boolean;
  readonly text: string;
}

function lineOf({ plugin, alias }: PluginEntry<Plugin>, { failed, isAway, text }: Verdict, notes: readonly string[]) {
  const texts = [text, ...notes].filter((each) => each !== '');
  return `${failed || isAway === true ? '✗' : '✓'} ${plugin.kind} ${alias}${texts.length === 0 ? '' : `: ${texts.join('; ')}`}`;
}

/** Creates the plugin, which checks what its schema cannot. Only outputs connect. */
async function checkEntry(entry: PluginEntry<Plugin>, context: PluginContext, connect: boolean): Promise<Verdict> {
  try {
    const instance = await createInstance(entry, context);
    const tried =
      connect && entry.plugin.kind === 'output' ? await tryConnect(instance as Output, entry) : { text: '' };
    if ('stop' in instance) await instance.stop();
    return { failed: false, ...tried };
  } catch (error) {
    return { failed: true, text: describeError(error) };
  }
}

const CONNECT_TIMEOUT_MS = 15_000;

async function tryConnect(output: Output, { plugin }: PluginEntry<Plugin>): Promise<Omit<Verdict, 'failed'>> {
  // Only the running agent may sign in.
  if (plugin.name === 'hub') return { text: '"healthd doctor" asks whether it answers' };
  if (output.connect === undefined) return { text: 'nothing to connect to' };
  try {
    await output.connect(systemClock.signal(CONNECT_TIMEOUT_MS));
    return { text: 'connected' };
  } catch (error) {
    return { isAway: true, text: describeError(error) };
  }
}
