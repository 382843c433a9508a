/** Reads server-sent events: blocks of `event:` and `data:` lines, ended by an empty line. Format: HTML, section 9.2. */

export interface ServerEvent {
  /** Empty if it has none. */
  readonly event: string;
  readonly data: string;
}

/** Characters of one event; a longer one is an error of the sender. */
const LONGEST_EVENT = 16 * 1024 * 1024;

export class EventReader {
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';

  /** @returns events that are complete. @throws RangeError if one is too long */
  read(bytes: Uint8Array): readonly ServerEvent[] {
    const blocks = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    if (this.#rest.length > LONGEST_EVENT) throw new RangeError(`An event has more than ${LONGEST_EVENT} characters`);
    return blocks.map(eventOf).filter(({ data }) => data !== '');
  }
}

/** Comments, which begin with a colon, and unknown fields are ignored. */
function eventOf(block: string): ServerEvent {
  let event = '';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^(event|data):? ?(.*)$/.exec(line) ?? [];
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
  }
  return { event, data: data.join('\n') };
}
