/**
 * What a terminal sends: UTF-8 text, control characters, the sequences of xterm for keys (ECMA-48 CSI and SS3) and mouse reports in
 * the SGR form, `CSI < button ; column ; row M` or `m`. Unknown sequences are taken and ignored.
 */

export type KeyName =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'pageup'
  | 'pagedown'
  | 'delete'
  | 'backspace'
  | 'enter'
  | 'tab'
  | 'backtab'
  | 'escape'
  | 'interrupt'
  | 'suspend'
  | 'redraw';

export type TerminalEvent =
  | { readonly kind: 'key'; readonly key: KeyName }
  | { readonly kind: 'text'; readonly text: string }
  /** Cells from 0. */
  | { readonly kind: 'click'; readonly x: number; readonly y: number }
  | { readonly kind: 'wheel'; readonly x: number; readonly y: number; readonly by: -1 | 1 };

const ESCAPE = '\x1b';

/** Longest sequence that is waited for, characters; longer ones are dropped. */
const LONGEST_SEQUENCE = 64;

const CONTROLS: Readonly<Record<string, KeyName>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\x7f': 'backspace',
  '\x03': 'interrupt',
  '\x1a': 'suspend',
  '\x0c': 'redraw',
};

const FINALS: Readonly<Record<string, KeyName>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'backtab',
};

const NUMBERED: Readonly<Record<string, KeyName>> = {
  1: 'home',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
};

/** A character after a parameter list; anything in between is intermediate. */
const CSI = /^\x1b\[([\x30-\x3f]*)[\x20-\x2f]*([\x40-\x7e])/;
const SS3 = /^\x1bO([\x20-\x7e])/;
/** Control strings (OSC, DCS, APC, PM, SOS) up to BEL or ST. */
const CONTROL_STRING = /^\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)/;
const MOUSE = /^<(\d{1,4});(\d{1,5});(\d{1,5})$/;

interface Step {
  /** Characters taken. */
  readonly length: number;
  readonly event?: TerminalEvent | undefined;
}

/** Keeps the beginning of a sequence whose end has not come yet; never more than 64 characters. */
export class KeyReader {
  readonly #decoder = new TextDecoder('utf-8');
  #pending = '';

  /** What the bytes mean. A lone escape waits for what may follow it. */
  read(bytes: Uint8Array): readonly TerminalEvent[] {
    this.#pending += this.#decoder.decode(bytes, { stream: true });
    const events: TerminalEvent[] = [];
    while (this.#pending !== '') {
      const step = firstOf(this.#pending);
      if (step === undefined) {
        if (this.#pending.length <= LONGEST_SEQUENCE) break;
        this.#pending = '';
        break;
      }
      this.#pending = this.#pending.slice(step.length);
      if (step.event !== undefined) events.push(step.event);
    }
    return events;
  }

  /** Whether something waits for its end. */
  get isWaiting(): boolean {
    return this.#pending !== '';
  }

  /** Nothing followed for a while: a lone escape was the key, the rest of a sequence is dropped. */
  flush(): readonly TerminalEvent[] {
    const isEscape = this.#pending === ESCAPE;
    this.#pending = '';
    return isEscape ? [{ kind: 'key', key: 'escape' }] : [];
  }
}

/** @returns undefined if the end has not come yet */
function firstOf(text: string): Step | undefined {
  const first = text[0] ?? '';
  if (first === ESCAPE) return sequenceOf(text);
  const key = CONTROLS[first];
  if (key !== undefined) return { length: 1, event: { kind: 'key', key } };
  if (first < ' ') return { length: 1 };
  const character = String.fromCodePoint(text.codePointAt(0) ?? 0);
  return { length: character.length, event: { kind: 'text', text: character } };
}

function sequenceOf(text: string): Step | undefined {
  const second = text[1];
  if (second === undefined) return undefined;
  if (second === '[') return controlSequence(text);
  if (second === 'O') return singleShift(text);
  if (/[\]P_^X]/.test(second)) {
    const [all] = CONTROL_STRING.exec(text) ?? [];
    return all === undefined ? undefined : { length: all.length };
  }
  // Escape, then another sequence.
  if (second === ESCAPE) return { length: 1, event: { kind: 'key', key: 'escape' } };
  // Alt and a key: no meaning here.
  return { length: 1 + String.fromCodePoint(text.codePointAt(1) ?? 0).length };
}

function singleShift(text: string): Step | undefined {
  const [all, final = ''] = SS3.exec(text) ?? [];
  if (all !== undefined) return { length: all.length, event: keyEvent(FINALS[final]) };
  return text.length < 3 ? undefined : { length: 2 };
}

function controlSequence(text: string): Step | undefined {
  const [all, parameters = '', final = ''] = CSI.exec(text) ?? [];
  if (all === undefined) {
    const broken = /^\x1b\[[\x20-\x3f]*[^\x20-\x3f]/.exec(text);
    // The character that broke it begins something else.
    return broken === null ? undefined : { length: broken[0].length - 1 };
  }
  return { length: all.length, event: eventOf(parameters, final) };
}

function eventOf(parameters: string, final: string): TerminalEvent | undefined {
  if (final === 'M' || final === 'm') return mouseEvent(parameters, final);
  if (final === '~') return keyEvent(NUMBERED[parameters.split(';')[0] ?? '']);
  return keyEvent(FINALS[final]);
}

function keyEvent(key: KeyName | undefined): TerminalEvent | undefined {
  return key === undefined ? undefined : { kind: 'key', key };
}

/** Button 0 is the left one, 64 and 65 are the wheel; 4, 8 and 16 are Shift, Alt and Ctrl, 32 is motion. */
function mouseEvent(parameters: string, final: string): TerminalEvent | undefined {
  const [all, code, column, row] = MOUSE.exec(parameters) ?? [];
  if (all === undefined) return undefined;
  const [x, y] = [Math.max(0, Number(column) - 1), Math.max(0, Number(row) - 1)];
  const button = Number(code) & ~0b11100;
  if (button === 64 || button === 65) return { kind: 'wheel', x, y, by: button === 64 ? -1 : 1 };
  return button === 0 && final === 'M' ? { kind: 'click', x, y } : undefined;
}
