/**
 * The code of the sinks, found by the names in the table: `sinks/NAME/sink.ts` is bundled into a file of
 * its own, so that nobody has to import it by name.
 */
import type { SinkName } from '../shared/sinks/rules.js';
import { SINKS } from '../shared/sinks/table.js';
import type { MakeSink } from './sinks/sink.js';

/** By their names, in the table's order. */
export type SinkMakers = ReadonlyMap<SinkName, MakeSink>;

export async function loadSinks(): Promise<SinkMakers> {
  const loading = SINKS.map(async ({ name }) => {
    const file = new URL(`../sinks/${name}.js`, import.meta.url);
    const { makeSink } = (await import(file.href)) as { readonly makeSink: MakeSink };
    return [name, makeSink] as const;
  });
  return new Map(await Promise.all(loading));
}
