import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
} from 'yaml';

import { describeError } from '../core/errors.ts';

import { isStackOverflow, TOO_DEEP } from './nesting.ts';
import { InvalidConfig, problemAt } from './problem.ts';
import { locator, textSource, type FindRange, type Range, type Source } from './source.ts';

/** Maximum uses of anchors, including nested ones: enough for people, too few for a billion-laughs attack. */
const MAX_ALIASES = 100;

const MOST_FAULTS = 10;
/** A message of the parser may quote the rest of the file. Characters. */
const LONGEST_MESSAGE = 200;

/** @throws InvalidConfig with the first syntax errors */
export function parseYaml(file: string, text: string): Source {
  const locate = locator(file, text);
  const fail = (range: Range, message: string, hint?: string) =>
    new InvalidConfig([problemAt(locate(range), [], { message, hint })]);

  let document: Document.Parsed;
  try {
    document = parseDocument(text, { prettyErrors: false, merge: true, logLevel: 'error' });
  } catch (error) {
    throw fail([0, 1], isStackOverflow(error) ? TOO_DEEP : `Invalid YAML: ${describeError(error)}`);
  }
  const faults = [...document.errors, ...document.warnings];
  // The parser reports that its stack is full as a fault like any other.
  const tooDeep = faults.find(({ message }) => /call stack/.test(message));
  if (tooDeep !== undefined) throw fail(tooDeep.pos, TOO_DEEP);
  if (faults.length > 0) {
    throw new InvalidConfig(
      // Most later ones come from the first.
      faults
        .slice(0, MOST_FAULTS)
        .map(({ code, message, pos }) =>
          problemAt(locate(pos), [], { message: shortened(message), hint: HINTS[code] }),
        ),
    );
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return textSource(file, text, value, yamlRanges(document));
  } catch (error) {
    if (isStackOverflow(error)) throw fail([0, 1], TOO_DEEP);
    throw fail(
      firstAlias(document) ?? [0, 1],
      `Cannot resolve the YAML anchors: ${describeError(error)}`,
      'write the values out instead',
    );
  }
}

function shortened(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
}

const HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  DUPLICATE_KEY: 'remove the duplicate',
  MULTIPLE_DOCS: 'keep one document: remove everything from the line "---" on',
  TAG_RESOLVE_FAILED: 'YAML tags are not supported; quote a value that begins with "!"',
  BAD_DQ_ESCAPE: "write paths of Windows in single quotes: 'C:\\healthd'",
  BAD_ALIAS: 'quote a value that begins with "*"',
};

/** Positions of keys and values in YAML, and so also in JSON. */
export function yamlRanges(document: Document): FindRange {
  return (path, part) => {
    let node: unknown = document.contents;
    let pair: Pair | undefined;
    for (const step of path) {
      const holder = resolveAlias(node, document);
      pair = isMap(holder) ? findPair(holder.items, String(step), document) : undefined;
      node = isSeq(holder) ? holder.items[Number(step)] : pair?.value;
      if (node === undefined) return undefined;
    }
    return part === 'key' ? rangeOf(pair?.key) : (rangeOf(node) ?? rangeOf(pair?.key));
  };
}

function resolveAlias(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function findPair(pairs: readonly unknown[], key: string, document: Document): Pair | undefined {
  const own = pairs.filter(isPair);
  const direct = own.find((pair) => keyOf(pair) === key);
  if (direct !== undefined) return direct;
  for (const merge of own.filter((pair) => keyOf(pair) === '<<')) {
    const target = resolveAlias(merge.value, document);
    for (const map of isSeq(target) ? target.items.map((item) => resolveAlias(item, document)) : [target]) {
      const found = isMap(map) ? findPair(map.items, key, document) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}

function rangeOf(node: unknown): Range | undefined {
  const range = isNode(node) ? node.range : undefined;
  return range !== null && range !== undefined && range[1] > range[0] ? [range[0], range[1]] : undefined;
}

function firstAlias(document: Document): Range | undefined {
  let found: Node | undefined;
  visit(document, {
    Alias(_key, node) {
      found = node;
      return visit.BREAK;
    },
  });
  return rangeOf(found);
}
