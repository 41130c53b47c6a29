/** Chooses how sockets are read: the first way that proves itself. */
import type { Settings } from '../options/options.js';
import type { Backend } from '../sockets/reading.js';
import { koffiBackend } from './koffi.js';
import { procBackend } from './proc.js';
import { selfTest } from './self-test.js';

const makers = { koffi: koffiBackend, proc: procBackend } as const;

/** A backend, or why there is none; also with a backend, why a better one was passed over. */
export interface Choice {
  readonly backend: Backend | null;
  readonly reason: string | null;
}

async function proven(name: keyof typeof makers): Promise<Backend | string> {
  try {
    const backend = makers[name]();
    return (await selfTest(backend)) ?? backend;
  } catch (error) {
    // koffi's loader lists all folders that it has looked into.
    return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] as string;
  }
}

export async function choose(wanted: Settings['backend']): Promise<Choice> {
  if (wanted === 'none') return { backend: null, reason: "backend is 'none'" };
  const reasons: string[] = [];
  for (const name of ['koffi', 'proc'] as const) {
    if (wanted !== 'auto' && wanted !== name) continue;
    const found = await proven(name);
    if (typeof found !== 'string') return { backend: found, reason: reasons[0] ?? null };
    reasons.push(`${name}: ${found}`);
  }
  return { backend: null, reason: reasons.join('; ') };
}
