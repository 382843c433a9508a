/** A part of the page that is loaded when it is first shown: the first chart must not wait for it. */
import { useSignal } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import { useEffect } from 'preact/hooks';

/** @param room what is shown until then; it keeps the place */
export function later(load: () => Promise<ComponentType>, room?: () => JSX.Element): ComponentType {
  let Loaded: ComponentType | undefined;
  return function Later() {
    const isThere = useSignal(Loaded !== undefined);
    useEffect(() => {
      if (Loaded !== undefined) return;
      load().then(
        (Component) => {
          Loaded = Component;
          isThere.value = true;
        },
        () => {
          // The agent was upgraded or is away; the next time that it is shown tries again.
        },
      );
    }, []);
    if (isThere.value && Loaded !== undefined) return <Loaded />;
    return room?.() ?? null;
  };
}
