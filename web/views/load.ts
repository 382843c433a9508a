/** Loads what is not needed for the first charts, with its style sheet: a view must not be shown before it is dressed. */

export const loadSoon = () => import('./soon.ts');

export async function loadRest() {
  const [rest] = await Promise.all([import('./rest.ts'), dressed()]);
  return rest;
}

let style: Promise<unknown> | undefined;

/** The build writes the link into the page. */
function dressed(): Promise<unknown> {
  style ??= new Promise((resolve) => {
    const link = document.querySelector<HTMLLinkElement>('#rest-style');
    if (link === null) {
      resolve(undefined);
      return;
    }
    link.onload = resolve;
    link.onerror = resolve;
    link.rel = 'stylesheet';
  });
  return style;
}
