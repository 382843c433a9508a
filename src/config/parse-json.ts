import { parseDocument } from 'yaml';

import { yamlRanges } from './parse-yaml.ts';
import { InvalidConfig, problemAt } from './problem.ts';
import { findNestingFault } from './nesting.ts';
import { locator, textSource, type Range, type Source } from './source.ts';

/**
 * Reads strict JSON. Positions come from the YAML parser, since JSON is a subset of YAML.
 *
 * @throws InvalidConfig for the first syntax error, or for every duplicate key
 */
export function parseJson(file: string, text: string): Source {
  const locate = locator(file, text);
  const value = readStrictly(text, (range, message) => problemAt(locate(range), [], { message }));
  const fault = findNestingFault(value);
  if (fault !== undefined) throw new InvalidConfig([problemAt(locate([0, 1]), [], fault)]);
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  const duplicates = document.errors.filter(({ code }) => code === 'DUPLICATE_KEY');
  if (duplicates.length > 0) {
    throw new InvalidConfig(
      duplicates.map(({ pos, message }) => problemAt(locate(pos), [], { message, hint: 'remove the duplicate' })),
    );
  }
  return textSource(file, text, value, yamlRanges(document));
}

function readStrictly(text: string, problem: (range: Range, message: string) => InvalidConfig['problems'][number]) {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const { message } = error as Error;
    const position = /at position (\d+)/.exec(message)?.[1];
    const at = Math.min(position === undefined ? Infinity : Number(position), text.trimEnd().length);
    const reason = message.replace(/ in JSON at position.*$/s, '').replace(/,? *"[^]*" is not valid JSON$/, '');
    // No cause: its message quotes the text, which may contain secrets.
    throw new InvalidConfig([problem([at, at + 1], `Invalid JSON: ${reason}`)]);
  }
}
