import { parse, TomlError } from 'smol-toml';

import { findNestingFault, isStackOverflow, TOO_DEEP, type NestingFault } from './nesting.ts';
import { InvalidConfig, problemAt } from './problem.ts';
import { locator, textSource, type Source } from './source.ts';
import { tomlRanges } from './toml-ranges.ts';

/** @throws InvalidConfig for the first syntax error */
export function parseToml(file: string, text: string): Source {
  try {
    const value = parse(text);
    // Before the positions are looked for, which takes time quadratic in the depth.
    const fault = findNestingFault(value);
    if (fault !== undefined) throw new InvalidConfig([problemAt(locator(file, text)(placeOf(fault, text)), [], fault)]);
    return textSource(file, text, value, tomlRanges(text));
  } catch (error) {
    if (isStackOverflow(error))
      throw new InvalidConfig([problemAt(locator(file, text)([0, 1]), [], { message: TOO_DEEP })]);
    if (!(error instanceof TomlError)) throw error;
    // The rest of the message is an excerpt with a caret, which we draw ourselves.
    const [reason = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    const start =
      text
        .split('\n')
        .slice(0, error.line - 1)
        .join('\n').length + (error.line > 1 ? 1 : 0);
    const at = start + error.column - 1;
    // No cause: its message quotes the text, which may contain secrets.
    throw new InvalidConfig([problemAt(locator(file, text)([at, at + 1]), [], { message: `Invalid TOML: ${reason}` })]);
  }
}

/** Where the outermost key is first written. */
function placeOf({ path }: NestingFault, text: string): [start: number, end: number] {
  const at = Math.max(0, text.indexOf(String(path[0] ?? '')));
  return [at, at + 1];
}
