/** Files of a made-up machine, such as its `/proc`, in a folder of their own. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Tree {
  readonly root: string;
  /** Path → text, or `-> target` for a link. Overwrites. */
  write(files: Readonly<Record<string, string>>): void;
  remove(): void;
}

export function tree(files: Readonly<Record<string, string>>): Tree {
  const root = mkdtempSync(join(tmpdir(), 'healthd-tree-'));
  const write = (more: typeof files) => {
    for (const [name, text] of Object.entries(more)) {
      const path = join(root, name);
      mkdirSync(dirname(path), { recursive: true });
      if (text.startsWith('-> ')) symlinkSync(text.slice(3), path);
      else writeFileSync(path, text);
    }
  };
  write(files);
  return {
    root,
    write,
    remove: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}
