/** Mistakes in the configuration of routing, which are collected and reported together. */
import { compileMatch, type Match, type Matcher } from './matchers.ts';

export interface RoutingProblem {
  /** Within `alerts`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string | undefined;
}

export type Report = (problem: RoutingProblem) => void;
/** The name that was probably meant. */
export type Nearest = (name: string, names: Iterable<string>) => string | undefined;

/** @returns undefined for a pattern that is wrong, which is then reported */
export function checkedMatch(match: Match, path: RoutingProblem['path'], report: Report): Matcher | undefined {
  let isSound = true;
  for (const [name, pattern] of Object.entries(match)) {
    try {
      compileMatch({ [name]: pattern });
    } catch (error) {
      isSound = false;
      report({ path: [...path, name], message: (error as Error).message });
    }
  }
  return isSound ? compileMatch(match) : undefined;
}
