/** The complete plugins that the guide and the doc comments of the plugin API show. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

export interface DocumentedPlugin {
  /** The `name` of its definition. */
  readonly name: string;
  readonly source: string;
}

/** From `docs/plugins.md`, in order. */
export function pluginsOfGuide(): readonly DocumentedPlugin[] {
  return pluginsIn(read('docs/plugins.md'));
}

/** From the doc comment at the beginning of a file, one per kind. */
export function pluginsOfApi(): readonly DocumentedPlugin[] {
  return ['input', 'processor', 'output', 'notifier'].flatMap((kind) => {
    const [comment = ''] = read(`src/plugin/${kind}.ts`).split('*/');
    return pluginsIn(comment.replaceAll(/^ \* ?/gm, ''));
  });
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Blocks of TypeScript that export a plugin; others are parts of programs. */
function pluginsIn(markdown: string): readonly DocumentedPlugin[] {
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```/gm)].flatMap(([, source = '']) => {
    const name = /^export default define[\s\S]*?^ {2}name: '(\w+)',$/m.exec(source)?.[1];
    return name === undefined ? [] : [{ name, source }];
  });
}
