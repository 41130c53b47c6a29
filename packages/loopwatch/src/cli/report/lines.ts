/** Lines of a stream of text, however long it is. */

/** A record is at most 2 MiB. What is longer is no line of ours, and is not kept. */
const LONGEST_LINE = 4 * 1024 * 1024;

/** @param chunks decoded text */
export async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  let isTooLong = false;
  for await (const chunk of chunks) {
    const lines = chunk.split('\n');
    const last = lines.pop() as string;
    for (const line of lines) {
      if (!isTooLong) yield rest + line;
      rest = '';
      isTooLong = false;
    }
    rest = isTooLong ? '' : rest + last;
    if (rest.length > LONGEST_LINE) {
      rest = '';
      isTooLong = true;
    }
  }
  if (!isTooLong && rest !== '') yield rest;
}
