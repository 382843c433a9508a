/** The built agent with its page: in a folder and on a loopback port of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort, serverFolder } from '../servers/real-server.ts';

import { runCli, startCli, type CliSettings, type Finished, type RunningCli } from './cli.ts';

/** A busy machine starts it late. */
const START_MS = 30_000;

export interface RealAgent {
  readonly folder: string;
  readonly port: number;
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  /** For commands of its user. */
  readonly settings: CliSettings;
  /** Of the process that runs now. */
  readonly cli: RunningCli;
  write(name: string, text: string): void;
  /** Writes the configuration with another section `server`, for the next start or reload. */
  configure(server: string): void;
  /** A command that finds the agent. */
  run(...args: readonly string[]): Promise<Finished>;
  /** The one-time address of the page that `healthd status` prints. */
  newAddress(): Promise<string>;
  /** The cookie of a new session. */
  signIn(): Promise<{ readonly name: string; readonly value: string }>;
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param yaml its configuration without `server`; a function of its origin where it names that
 * @param files in its folder, in which it runs
 */
export async function startRealAgent(
  yaml: string | ((origin: string) => string),
  files: Readonly<Record<string, string>> = {},
): Promise<RealAgent> {
  const { path: folder, remove } = serverFolder('real-agent');
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const text = typeof yaml === 'string' ? yaml : yaml(origin);
  const settings = { cwd: folder, env: { STATE_DIRECTORY: join(folder, 'state') } };
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
  };
  const configure = (server: string) => {
    write('healthd.yaml', `${text}\nserver: ${server}\n`);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  configure(`{ listen: '127.0.0.1:${port}' }`);
  let cli: RunningCli;
  const start = async () => {
    cli = startCli(['run'], settings);
    await cli.until(' Started ', START_MS);
  };
  await start();
  const run = (...args: readonly string[]) => runCli(args, settings);
  const newAddress = async () => {
    const { stdout } = await run('status');
    const address = /^ {2}Page +(\S+)$/m.exec(stdout)?.[1];
    if (address === undefined) throw new Error(`"healthd status" prints no address:\n${stdout}`);
    return address;
  };
  return {
    folder,
    port,
    origin,
    settings,
    get cli() {
      return cli;
    },
    write,
    configure,
    run,
    newAddress,
    signIn: async () => {
      const body = JSON.stringify({ token: (await newAddress()).split('#')[1] });
      const { headers } = await fetch(`${origin}/api/v1/session`, { method: 'POST', headers: { origin }, body });
      const [, name, value] = /^([^=]+)=([^;]+)/.exec(headers.get('set-cookie') ?? '') ?? [];
      if (name === undefined || value === undefined) throw new Error('The one-time address opened no session');
      return { name, value };
    },
    kill: async () => {
      await cli.end('SIGKILL');
    },
    start,
    close: async () => {
      await cli.end();
      remove();
    },
  };
}
