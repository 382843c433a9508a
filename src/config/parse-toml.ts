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
    // The message goes on with a drawing of the place, which is ours to make.
    const [reason = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    const start =
      text
        .split('\n')
        .slice(0, error.line - 1)
        .join('\n').length + (error.line > 1 ? 1 : 0);
    const at = start + error.column - 1;
    // Without the cause, whose message quotes the text: it may hold secrets.
    throw new InvalidConfig([
      problemAt(locator(file, text)([at, at + 1]), [], { message: `This TOML cannot be read: ${reason}` }),
    ]);
  }
}
