/** A real terminal: runs a program in tmux and reads what its user would see. Needs `tmux`. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';

export const TMUX = { binary: 'tmux', package: 'tmux' } as const;

export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

export class Tmux {
  /** Of a server of its own, so that neither the user's sessions nor their configuration are touched. */
  readonly #socket = `healthd-test-${randomUUID()}`;

  /** Starts a shell with this environment. */
  constructor({ width, height }: TerminalSize, env: Readonly<Record<string, string>> = {}) {
    const variables = { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', PS1: '$ ', ...env };
    const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const size = ['-x', String(width), '-y', String(height)];
    this.#run('-f', '/dev/null', 'new-session', '-d', ...size, 'env', ...assignments, 'sh');
    this.#run('set-option', '-g', 'window-size', 'manual');
  }

  /** Types text as it is; `Enter`, `Up`, `C-c` and the like are names of keys. */
  keys(...keys: readonly string[]): void {
    this.#run('send-keys', ...keys);
  }

  /** Types a command line and Enter. */
  line(text: string): void {
    this.#run('send-keys', '-l', text);
    this.#run('send-keys', 'Enter');
  }

  screen(): string {
    return this.#run('capture-pane', '-p');
  }

  /** Whether the program shows the alternate screen. */
  get isAlternate(): boolean {
    return this.#run('display-message', '-p', '#{alternate_on}').trim() === '1';
  }

  /** The process in the pane. */
  get pid(): number {
    return Number(this.#run('display-message', '-p', '#{pane_pid}'));
  }

  resize({ width, height }: TerminalSize): void {
    this.#run('resize-window', '-x', String(width), '-y', String(height));
  }

  /** Waits until the screen matches. @throws with the screen if it does not within 20 s */
  async until(matches: RegExp | ((screen: string) => boolean), ms = 20_000): Promise<string> {
    for (let waited = 0; ; waited += 100) {
      const screen = this.screen();
      if (typeof matches === 'function' ? matches(screen) : matches.test(screen)) return screen;
      if (waited >= ms) throw new Error(`The screen does not show ${String(matches)}:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  end(): void {
    try {
      this.#run('kill-server');
    } catch {
      // it has ended by itself
    }
  }

  #run(...args: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8' });
  }
}
