/**
 * The picture of a fleet in docs/images: `npm run build`, then `node scripts/fleet-picture.mjs`. The page is the built one, its 500 hosts
 * are the simulated ones of the browser tests. Needs Chromium.
 */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { loadSource } from './load-source.mjs';
import { smallPng } from './render/small-png.mjs';

const { startFixtureHost } = await loadSource('test/support/page/fixture-host.ts');
const host = await startFixtureHost({ fleet: 500 });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const look = { viewport: { width: 1440, height: 900 }, colorScheme: 'dark', locale: 'en-GB', deviceScaleFactor: 1 };
  const page = await browser.newPage(look);
  await page.goto(`${host.url}/fleet?by=site`);
  await page.waitForTimeout(2000);
  const file = join(import.meta.dirname, '../docs/images/fleet.png');
  writeFileSync(file, smallPng(await page.screenshot()));
  console.log(`${file}: ${Math.round(statSync(file).size / 1024)} KiB`);
} finally {
  await browser.close();
  await host.close();
}
