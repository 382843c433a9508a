/** The cases in `test/cases/` and the titles that carry their ids. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of a document of cases. */
export interface Case {
  /** e.g. `C-018` */
  readonly id: string;
  /** The document, relative to `test/cases/`. */
  readonly file: string;
  /** On one line. */
  readonly text: string;
}

/** An id in a title; a title with two ids is two mentions. */
export interface Mention {
  readonly id: string;
  /** Relative to `test/`. */
  readonly file: string;
}

/** @param root of the project */
export function readCases(root: string): readonly Case[] {
  return textsIn(join(root, 'test/cases'), '.md')
    .filter(({ file }) => file !== 'README.md')
    .flatMap(({ file, text }) => casesOf(file, text));
}

/** @param root of the project */
export function readMentions(root: string): readonly Mention[] {
  return textsIn(join(root, 'test'), '.ts').flatMap(({ file, text }) => idsInTitles(text).map((id) => ({ id, file })));
}

/** A case is a list item that begins with its id in bold. */
export function casesOf(file: string, document: string): readonly Case[] {
  const items = document.matchAll(/^- \*\*([A-Z]+-\d+)\*\* (.+(?:\n {2}\S.*)*)/gm);
  return [...items].map(([, id = '', text = '']) => ({ id, file, text: text.replaceAll(/\s+/g, ' ') }));
}

/**
 * Reads what a title, the first argument of a call, has before its first colon, if it begins like an id. Of a malformed title
 * it returns something that is no id, which makes the mistake visible.
 */
export function idsInTitles(source: string): readonly string[] {
  return [...source.matchAll(/\(\s*['"`]([A-Z]{1,2}-\d[^'"`:]*)/g)].flatMap(([, ids = '']) => ids.split(', '));
}

function textsIn(folder: string, ending: string): readonly { readonly file: string; readonly text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .toSorted()
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
}
