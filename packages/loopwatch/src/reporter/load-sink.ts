/**
 * The code of a sink, found by its name in the table: `sinks/NAME/sink.ts` is bundled into a file of its
 * own, so that nobody has to import it by name.
 */
import { messageOf } from '../shared/errors.js';
import type { SinkName } from '../shared/sinks/rules.js';
import type { MakeSink } from './sinks/sink.js';

/**
 * Never throws: a sink that can't be loaded must not take the others with it.
 *
 * @param folder where the files of the sinks are, with a slash at its end
 * @param complain says one line to the person who runs the program
 * @returns null when there is none, which was said
 */
export async function loadSink(
  name: SinkName,
  folder: URL,
  complain: (text: string) => void,
): Promise<MakeSink | null> {
  try {
    const file = new URL(`${name}.js`, folder);
    const { makeSink } = (await import(file.href)) as { readonly makeSink?: MakeSink };
    if (makeSink === undefined) throw new Error(`${file.href} has no makeSink`);
    return makeSink;
  } catch (error) {
    complain(`the sink ${name} can't be loaded: ${messageOf(error)}`);
    return null;
  }
}
