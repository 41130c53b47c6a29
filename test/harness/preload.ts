/** The ways in which a program comes to be watched without being changed. */

/** What a form of the preload adds to a command. */
export interface Preload {
  readonly flags: readonly string[];
  /** The value of NODE_OPTIONS, if the form uses it. */
  readonly nodeOptions?: string;
}

const BARE = 'loopwatch/register';

/** Preloads by flag. Several values preload several things, in order. */
export function byImport(...what: string[]): Preload {
  return { flags: (what.length > 0 ? what : [BARE]).flatMap((one) => ['--import', one]) };
}

export function byRequire(what = BARE): Preload {
  return { flags: ['--require', what] };
}

/** Preloads through the environment, so that child processes are watched too. */
export function byNodeOptions(flag: '--import' | '--require', what = BARE): Preload {
  return { flags: [], nodeOptions: `${flag} ${what}` };
}

/** Nothing: the same program unwatched. */
export const unwatched: Preload = { flags: [] };
