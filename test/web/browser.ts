/** A browser for the tests of the page, and what they all ask of it. */
import { existsSync } from 'node:fs';

import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';

import { startFixtureHost, type FixtureHost, type FixtureOptions } from '../support/page/fixture-host.ts';

const PROGRAM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const isThere = existsSync(PROGRAM);
if (!isThere && process.env['CI'] === 'true') throw new Error(`Chromium is not at ${PROGRAM}; install chromium`);

/** A busy machine draws its first chart late. */
const WAIT_MS = 45_000;

export const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export interface Visit {
  readonly page: Page;
  readonly host: FixtureHost;
  /** What the browser complained about. */
  readonly complaints: readonly string[];
}

export interface PageOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'dark' | 'light';
  /** Changes the page before its scripts run. */
  readonly prepare?: (page: Page) => Promise<unknown>;
  /** Accepts a certificate that nobody has signed. */
  readonly trustsAll?: boolean;
}

export interface VisitOptions extends FixtureOptions, PageOptions {
  readonly path?: string;
}

/** Opens a page of an address. */
export type OpenPage = (url: string, options?: PageOptions) => Promise<Pick<Visit, 'page' | 'complaints'>>;

/** Tests with Chromium; skipped by name where it is not installed. */
export function describeWithChromium(title: string, tests: (open: OpenPage) => void): void {
  const block = isThere ? describe : describe.skip;
  block(isThere ? title : `${title} (needs chromium)`, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox'] });
    }, 60_000);
    afterAll(async () => {
      await browser.close();
    });
    // A page that is left open goes on drawing.
    afterEach(async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
    });
    tests(async (url, options = {}) => {
      const page = await browser.newPage(contextOf(options));
      page.setDefaultTimeout(WAIT_MS);
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error.stack)));
      await options.prepare?.(page);
      await page.goto(url);
      return { page, complaints };
    });
  });
}

/** The same, with the page of a host that a test makes up. */
export function describeInBrowser(
  title: string,
  tests: (visit: (options?: VisitOptions) => Promise<Visit>) => void,
): void {
  describeWithChromium(title, (open) => {
    const hosts: FixtureHost[] = [];
    afterEach(async () => {
      await Promise.all(hosts.splice(0).map((host) => host.close()));
    });
    tests(async (options = {}) => {
      const host = await startFixtureHost(options);
      hosts.push(host);
      return { ...(await open(host.url + (options.path ?? '/'), options)), host };
    });
  });
}

function contextOf({ viewport = DESK, colorScheme = 'dark', trustsAll = false }: PageOptions): BrowserContextOptions {
  const isPhone = viewport.width < 720;
  const zone = { timezoneId: 'Europe/Berlin', locale: 'en-GB' };
  return { viewport, colorScheme, ...zone, hasTouch: isPhone, isMobile: isPhone, ignoreHTTPSErrors: trustsAll };
}

/** Until the charts of the Overview have values. */
export async function untilLive(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.val, .mt .v')].some((value) => /\d/.test(value.textContent)),
  );
}

/** Where a chart is, once it has stood for a while: it is made again when the limits of its rules come. */
export async function boxOf(chart: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  for (;;) {
    const element = await chart.elementHandle();
    await chart.page().waitForTimeout(500);
    const box = await element.boundingBox();
    if (box !== null) return box;
  }
}

/** Texts and controls that lie on each other or leave their card, and whether the page scrolls sideways. */
export function layoutFaults(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) faults.push(`the page is ${scrollWidth} wide in a window of ${clientWidth}`);
    const name = (element: Element) =>
      `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} "${element.textContent.slice(0, 30)}"`;
    const leaves = [
      ...document.querySelectorAll('h1, h2, td, th, button, a, .val, .live, .leg > span, .st, .ev, .si'),
    ].filter(
      (element) =>
        element.getClientRects().length > 0 &&
        element.closest('.u-over, svg, .tabs, .toast-place, .skip, .dock, .act, .fields, .sel-bar') === null &&
        element.textContent.trim() !== '',
    );
    const boxes = leaves.map((element) => ({ element, box: element.getBoundingClientRect() }));
    const isOutside = ({ element, box }: (typeof boxes)[number]) =>
      box.right > clientWidth + 1 && element.closest('.cut, .leg, .meta, .lane, .sel-bar') === null;
    for (const entry of boxes) if (isOutside(entry)) faults.push(`${name(entry.element)} leaves the window`);
    for (let first = 0; first < boxes.length; first += 1) {
      for (let second = first + 1; second < boxes.length; second += 1) {
        const [a, b] = [boxes[first], boxes[second]];
        if (a === undefined || b === undefined) continue;
        const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        // First what costs least: a long table has a hundred thousand pairs.
        if (width <= 1.5 || height <= 1.5) continue;
        if (a.element.contains(b.element) || b.element.contains(a.element)) continue;
        // What a parent cuts off is not seen.
        if (a.element.closest('.leg, .meta') !== null || b.element.closest('.leg, .meta') !== null) continue;
        faults.push(`${name(a.element)} lies on ${name(b.element)}`);
      }
    }
    return faults;
  });
}
