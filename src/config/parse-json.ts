import { parseDocument } from 'yaml';

import { yamlRanges } from './parse-yaml.ts';
import { InvalidConfig, problemAt } from './problem.ts';
import { findShapeFault } from './shape.ts';
import { locator, textSource, type Range, type Source } from './source.ts';

/**
 * Reads strict JSON. The positions come from the YAML parser, of whose language JSON is a part.
 *
 * @throws InvalidConfig for the first syntax error or any key given twice
 */
export function parseJson(file: string, text: string): Source {
  const locate = locator(file, text);
  const value = readStrictly(text, (range, message) => problemAt(locate(range), [], { message }));
  const fault = findShapeFault(value);
  if (fault !== undefined) throw new InvalidConfig([problemAt(locate([0, 1]), [], fault)]);
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  const twice = document.errors.filter(({ code }) => code === 'DUPLICATE_KEY');
  if (twice.length > 0) {
    throw new InvalidConfig(
      twice.map(({ pos, message }) => problemAt(locate(pos), [], { message, hint: 'give each key once' })),
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
    // Without the cause, whose message quotes the text: it may hold secrets.
    throw new InvalidConfig([problem([at, at + 1], `This JSON cannot be read: ${reason}`)]);
  }
}
