import type { Area } from '../../screen/canvas.ts';
import type { Paint } from '../paint.ts';
import type { TopState } from '../state.ts';

/** A part of the screen above the processes. */
export interface Box {
  /** The key that hides it. */
  readonly digit: string;
  /** Rows with the title that it would fill; 0 if there is nothing to show. @param graph rows of a graph on this screen */
  rows(state: TopState, width: number, graph: number): number;
  /** The area has at least two rows. */
  draw(paint: Paint, area: Area, state: TopState): void;
}
