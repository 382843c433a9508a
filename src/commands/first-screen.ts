/** What `healthd run` shows on a terminal: what it watches, where to look, where the data lies, what to do next. */
import type { Config } from '../config/config.ts';
import { formatDuration } from '../core/duration.ts';

import { humanBytes } from './columns.ts';
import type { ContainerEngine, Discovery } from './discovery.ts';
import type { Glance } from './glance.ts';
import { commandLines, labelled, wrapped } from './layout.ts';
import type { Line } from './print.ts';

export interface ScreenFacts {
  readonly version: string;
  readonly hostname: string;
  /** `Debian GNU/Linux 12 (bookworm)`; empty if it is not known. */
  readonly system: string;
  readonly config: Pick<Config, 'agent' | 'inputs' | 'outputs' | 'notifiers' | 'alerts' | 'files'>;
  readonly discovery: Discovery;
  readonly glance: Glance;
  /** Of the page, with the one-time token; undefined without one. */
  readonly address: string | undefined;
  /** Name of the user, undefined for root. */
  readonly user: string | undefined;
  /** How to call this program. */
  readonly program: string;
}

export function firstScreen(facts: ScreenFacts): readonly Line[] {
  const { version, hostname, system, address } = facts;
  return [
    [['strong', `healthd ${version}`], ' watches ', ['strong', hostname], system === '' ? '' : ` (${system})`],
    [['quiet', 'Ctrl-C stops it. Warnings follow below.']],
    [],
    ...labelled('Now', nowLines(facts.glance)),
    ...labelled('Watches', watchedLines(facts)),
    ...labelled('Sends to', [[outputText(facts)]]),
    ...labelled('Alerts', [[alertText(facts)]]),
    ...labelled('Data', [[dataText(facts)]]),
    [],
    ...labelled('Next', commandLines(nextSteps(facts))),
    [],
    ...labelled('Page', [[address === undefined ? 'none: the server is off' : ['link', address]]]),
  ];
}

function nowLines({ cpu, memory, disk, load }: Glance): readonly Line[] {
  const diskText = disk === undefined ? [] : [`disk / ${shareOf(disk)}`];
  return wrapped(
    [`CPU ${cpu.toFixed(0)} %`, `memory ${shareOf(memory)}`, ...diskText, `load ${load.toFixed(2)}`],
    ' · ',
  );
}

/** `2.7 of 23.5 GiB`. */
function shareOf({ used, total }: Glance['memory']): string {
  const [part, whole] = [humanBytes(used), humanBytes(total)];
  const [amount, unit = ''] = part.split(' ');
  return `${whole.endsWith(unit) ? amount : part} of ${whole}`;
}

function watchedLines({ config, discovery, user }: ScreenFacts): readonly Line[] {
  const { engine } = discovery;
  const names = config.inputs.flatMap(({ alias, plugin, options }) => {
    if (alias === 'docker' && engine !== undefined) return [`${engine.name} containers`];
    return plugin.name === 'kernel' && collectsPressure(options) ? [alias, 'pressure'] : [alias];
  });
  const watched = wrapped([
    ...names.slice(0, -1).map((name) => `${name},`),
    names.at(-1) ?? '',
    `every ${formatDuration(config.agent.interval)}`,
  ]);
  const isWatched = config.inputs.some(({ plugin }) => plugin.name === 'docker');
  return engine === undefined || isWatched ? watched : [...watched, ...missingEngine(engine, user)];
}

function collectsPressure(options: unknown): boolean {
  const { collect } = options as { readonly collect?: readonly string[] };
  return collect?.includes('psi') === true;
}

function missingEngine({ name, endpoint, access }: ContainerEngine, user = 'root'): readonly Line[] {
  const path = endpoint.replace(/^unix:\/\//, '');
  if (access === 'open') return [[['warning', `Not ${name}: the configuration has no input "docker"`]]];
  if (access === 'silent') return [[['warning', `Not ${name}: nothing answers at ${path}`]]];
  const remedy = name === 'Docker' ? `sudo usermod -aG docker ${user}` : `sudo setfacl -m u:${user}:rw ${path}`;
  return [[['warning', `Not ${name}: ${user} may not open ${path}`]], ['→ ', ['strong', remedy]]];
}

function outputText({ config: { outputs } }: ScreenFacts): string {
  return outputs.length === 0
    ? 'nowhere; the metrics stay on this machine'
    : outputs.map(({ alias }) => alias).join(', ');
}

function alertText({ config: { alerts, notifiers } }: ScreenFacts): string {
  const rules = `${alerts.rules.length} rules`;
  if (notifiers.length === 0) return `${rules}; nobody is notified yet`;
  return `${rules}; ${notifiers.map(({ alias }) => alias).join(', ')} notified`;
}

function dataText({ config, user = 'root' }: ScreenFacts): string {
  return `${config.agent.state_dir} (of the user ${user})`;
}

/** The three likeliest ones. */
function nextSteps({ config, user, program }: ScreenFacts): readonly (readonly [string, string])[] {
  const hasFile = config.files.length > 0;
  const sudo = user === undefined ? '' : 'sudo ';
  const steps: readonly (readonly [command: string, purpose: string, isUseful: boolean])[] = [
    [`${program} init`, 'send metrics, notify people', !hasFile],
    [`${program} doctor`, 'test all that it needs', hasFile],
    [`${program} top`, 'watch in this terminal', true],
    [`${sudo}${program} service install`, 'run at each boot', true],
  ];
  return steps.filter(([, , isUseful]) => isUseful).map(([command, purpose]) => [command, purpose]);
}
