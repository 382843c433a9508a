/** One `requestAnimationFrame` for the whole page. Nothing is drawn while the tab is hidden. */

const waiting = new Set<() => void>();
let frame = 0;

/** Runs a function in the next frame; once, however often it is asked for. */
export function inNextFrame(draw: () => void): void {
  waiting.add(draw);
  if (frame === 0) frame = requestAnimationFrame(run);
}

function run(): void {
  frame = 0;
  const now = [...waiting];
  waiting.clear();
  for (const draw of now) draw();
}
