import { test } from '@jest/globals';
import { mkdtempSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { loadConfig } from '../../src/config/load.ts';
import { InvalidConfig, formatProblems } from '../../src/config/problem.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';

test('scratch', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'hd-'));
  mkdirSync(join(cwd, 'plugins'));
  writeFileSync(join(cwd, 'plugins/q.ts'), "import {defineInput,z} from 'healthd/plugin'; export default defineInput({name:'q',summary:'Q',config:z.strictObject({url:z.string().meta({secret:true}), timeout: z.number().optional()}),metrics:{q:{fields:{}}},create(){return {gather(){}}}})");
  const go = async (text: string, name = 'healthd.yaml') => {
    writeFileSync(join(cwd, name), text);
    try {
      const c = await loadConfig({ cwd, path: name, environment: { A: 'sesame' }, registry: builtInPlugins });
      console.log(JSON.stringify(c, null, 1));
    } catch (e) {
      console.log(e instanceof InvalidConfig ? formatProblems(e.problems) : e);
    }
  };
  await go('agent: { interval: 5s }\ninputs: [mem, {mem: {tags: {a: "${env:A}"}}}, {./plugins/q.ts: {url: x, timeout: 5, only: [a*]}}]\noutputs: [console]\n');
  await go('agent:\n  intervl: 5\n  tags: {a: 5}\n  jitter: 5\ninputs:\n  - mem:\n      colect_extended: true\n      only: 5\n  - mem:\n    interval: 5s\n  - mme\n  - ./plugins/q.ts: {url: [s3cret1], x: 1, interval: 5ms}\n  - ./plugins/r.ts\noutptus: []\nlog: {level: inf}\n');
  await go('inputs = ["mem", {mem = {provider = "autoo"}}]\n[agent]\ninterval = 5\ntags.x = 5 # c\n[[outputs]]\n[outputs.console]\nzz = 1\n', 'a.toml');
  await go('{"inputs": ["mem",\n {"mem": {"x": 1}}]}', 'a.json');
  await go('{"inputs": ["mem",\n {"mem": {"x": 1},}]}', 'a.json');
  await go('a: [\n\tb: 1\na: 5', 'healthd.yaml');
});
