/** Watches the page from within: the functions that run in the browser can use nothing outside of themselves. */

/** @returns {Promise<{ ms: number, bytes: number, codeBytes: number }>} since the navigation; compressed bytes of all bodies, and of what the document itself names */
export async function firstChart(page) {
  // Asked rarely: each question is work for the page that is measured.
  const handle = await page.waitForFunction(() => globalThis.firstChartSeen, undefined, { polling: 100 });
  return handle.jsonValue();
}

/** Over a time. @returns {Promise<readonly number[]>} ms of each task over 50 ms */
export function longTasks(page, ms) {
  return page.evaluate(
    (time) =>
      new Promise((resolve) => {
        const found = [];
        const observer = new PerformanceObserver((list) =>
          found.push(...list.getEntries().map(({ duration }) => duration)),
        );
        observer.observe({ type: 'longtask' });
        setTimeout(() => resolve(found), time);
      }),
    ms,
  );
}

/** Runs in each document before its scripts. Keeps in `firstChartSeen` when a chart was drawn, and what had come by then. */
export function watchPage() {
  if (!location.protocol.startsWith('http')) return;
  const look = () => {
    const ms = performance.now();
    const canvas = document.querySelector('.chart canvas');
    if (canvas === null || !hasLine(canvas)) {
      requestAnimationFrame(look);
      return;
    }
    const entries = performance.getEntries().filter(({ responseEnd = 0 }) => responseEnd > 0 && responseEnd <= ms);
    const bytesOf = (some) => some.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
    const linked = document.querySelectorAll(
      'script[src], link[rel=modulepreload], link[rel=stylesheet]:not(#rest-style)',
    );
    const needed = new Set([...linked].map((element) => element.src || element.href));
    const isCode = ({ name }) => needed.has(name);
    globalThis.firstChartSeen = { ms, bytes: bytesOf(entries), codeBytes: bytesOf(entries.filter(isCode)) };
  };
  requestAnimationFrame(look);

  function hasLine(canvas) {
    const colour = getComputedStyle(document.documentElement).getPropertyValue('--s1').trim().slice(1);
    const [red, green, blue] = [0, 2, 4].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    const { width, height } = canvas;
    if (width === 0 || height === 0) return false;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    let seen = 0;
    for (let at = 0; at < data.length; at += 4) {
      const distance = Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) + Math.abs(data[at + 2] - blue);
      if (data[at + 3] > 200 && distance < 30) seen += 1;
    }
    return seen > 5;
  }
}
