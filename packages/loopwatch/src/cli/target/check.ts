/** Whether a process can be looked into; SIGUSR1 would end one that is no Node.js. */
import { Unusable } from '../terminal/outcome.js';
import { type Facts, factsOf, presence } from './facts.js';

const NODE = /^node(?:js)?[\d.-]*(?:\.exe)?$/;

const STATES: Readonly<Record<string, string>> = {
  Z: 'has ended, and its parent has not fetched its end yet (a zombie)',
  X: 'has ended',
  T: 'is stopped (SIGSTOP, or Ctrl-Z in its terminal): it can be looked into when it goes on (kill -CONT)',
  t: 'is stopped by a native debugger',
};

/** Why not, in words; null when nothing speaks against it. */
export function objection(facts: Facts, uid: number | undefined): string | null {
  const { pid, state, program } = facts;
  if (pid === process.pid) return `process ${pid} is this command itself`;
  const ended = state === null ? undefined : STATES[state];
  if (ended !== undefined) return `process ${pid} ${ended}`;
  if (uid !== undefined && uid !== 0 && facts.uid !== null && facts.uid !== uid) {
    return `process ${pid} belongs to another user (uid ${facts.uid}, you are ${uid}): run this as that user, or with sudo`;
  }
  if (program !== null && !NODE.test(program)) {
    return `process ${pid} is not Node.js but ${program}; it was left alone`;
  }
  if (facts.sharesNetwork === false) {
    return `process ${pid} has a network of its own (a container): run this inside, as with docker exec`;
  }
  return null;
}

/** Why SIGUSR1 would open no inspector; null when it should. */
export function signalObjection({ pid, takesSigusr1 }: Facts): string | null {
  if (takesSigusr1 !== false) return null;
  return `process ${pid} does not take SIGUSR1, by which Node.js opens its inspector: it was started with --disable-sigusr1, is not up yet, or is no Node.js`;
}

/**
 * What is known of a process that can be looked into.
 *
 * @throws Unusable
 */
export function checkedFacts(pid: number): Facts {
  const found = presence(pid);
  if (found === null) throw new Unusable(`there is no process ${pid}`);
  const facts = factsOf(pid);
  const why = objection(facts, process.getuid?.());
  if (why !== null) throw new Unusable(why);
  if (found === 'foreign') {
    throw new Unusable(
      `no permission to signal process ${pid}: run this as its user, or with sudo`,
    );
  }
  return facts;
}
