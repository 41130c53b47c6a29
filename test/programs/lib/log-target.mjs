/** A pino transport of the application: `{ kind, file }`, where the kind says how it goes wrong. */
import { appendFileSync } from 'node:fs';
import { Writable } from 'node:stream';

export default function target({ kind = 'good', file }) {
  if (kind === 'throws') throw new Error('no such luck');
  const append = (text) => appendFileSync(file, text);
  const kinds = {
    good: (chunk, done) => {
      append(String(chunk));
      done();
    },
    // Takes its time, and a flush does not wait for it.
    slow: (chunk, done) => {
      setTimeout(() => append(String(chunk)), 100);
      setTimeout(done, 150);
    },
    environment: (_, done) => {
      append(`${process.env.TARGET_SAYS}\n`);
      done();
    },
    fails: (_, done) => done(new Error('the disk is full')),
    exits: () => process.exit(0),
    spins: () => {
      for (;;);
    },
    swallows: (_, done) => done(),
  };
  const stream = new Writable({ write: (chunk, _, done) => kinds[kind](chunk, done) });
  if (kind === 'swallows') stream.flush = (_never) => {};
  return stream;
}
