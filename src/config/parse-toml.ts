import { parse, TomlError } from 'smol-toml';

import { InvalidConfig, problemAt } from './problem.ts';
import { locator, textSource, type Source } from './source.ts';
import { tomlRanges } from './toml-ranges.ts';

/** @throws InvalidConfig for the first syntax error */
export function parseToml(file: string, text: string): Source {
  try {
    return textSource(file, text, parse(text), tomlRanges(text));
  } catch (error) {
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
