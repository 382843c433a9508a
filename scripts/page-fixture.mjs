/** Serves the built page with the story of the browser tests: `node scripts/page-fixture.mjs [port]`. */
import { loadSource } from './load-source.mjs';

const { startFixtureHost } = await loadSource('test/support/page/fixture-host.ts');
const { url } = await startFixtureHost({}, Number(process.argv[2] ?? 8401));
console.log(url);
