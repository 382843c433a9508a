/** The prose and the tables say what the program does. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..');

test('the tables in the READMEs are fresh', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/docs.mjs'), '--check'], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('every relative link in the documentation leads somewhere, to the heading that it names', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.md') && !/^(node_modules|dist|coverage)\//.test(file),
  );
  const broken = files.flatMap((file) => {
    const links = readFileSync(join(root, file), 'utf8').matchAll(
      /\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g,
    );
    return [...links]
      .filter(
        ([, target = '', heading]) => !leads(join(root, target === '' ? file : join(file, '..', target)), heading),
      )
      .map(([link]) => `${file}: ${link}`);
  });
  expect(broken).toEqual([]);
});

test('every test and benchmark that docs/security.md names exists', () => {
  const names = readFileSync(join(root, 'docs/security.md'), 'utf8').matchAll(/`((?:test|bench)\/[\w./-]+)`/g);
  const paths = Array.from(names, ([, path = '']) => path);
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !exists(join(root, path)))).toEqual([]);
});

function leads(path: string, heading: string | undefined): boolean {
  return heading === undefined ? exists(path) : anchors(readFileSync(path, 'utf8')).includes(heading);
}

/** As the sites that show Markdown name headings. */
function anchors(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function exists(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR';
  }
}
