/** The address of a host in the fleet. */
import type { FleetHost } from '../../api/answers.ts';

type Named = Pick<FleetHost, 'id' | 'name'>;

/** By its name, which people know; by its id if several hosts have the name. */
export function hostPath(host: Named, all: readonly Named[]): string {
  return `/fleet/${segment(host, all)}`;
}

/** Of its own view. */
export function viewPath(host: Named, all: readonly Named[]): string {
  return `/h/${segment(host, all)}/`;
}

function segment({ id, name }: Named, all: readonly Named[]): string {
  const isOnly = all.every((other) => other.name !== name || other.id === id);
  return encodeURIComponent(isOnly ? name : id);
}

export function hostOf<Host extends Named>(text: string | undefined, all: readonly Host[]): Host | undefined {
  return all.find(({ id }) => id === text) ?? all.find(({ name }) => name === text);
}
