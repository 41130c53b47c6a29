/** What a command says: results on stdout, words on stderr, and progress where a person looks on. */
import { styleText } from 'node:util';
import { plain } from '../../shared/text/plain-text.js';

type Style = Parameters<typeof styleText>[0];

/** Progress is rubbed out with this: to the line's begin, and clear to its end. */
const RUB_OUT = '\r\u001b[K';

/** Where a command writes to. */
export class Output {
  readonly #colours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  readonly #isSeen = process.stderr.isTTY === true;
  #hasProgress = false;

  /** A part of the result, without a line break at its end. */
  result(text: string): void {
    this.#rubOut();
    process.stdout.write(`${text}\n`);
  }

  /** The whole result, for programs. */
  json(value: unknown): void {
    this.result(JSON.stringify(value, null, 2));
  }

  /** One line for whoever runs the command. */
  words(text: string): void {
    this.#rubOut();
    process.stderr.write(`loopwatch: ${text}\n`);
  }

  /** What is being done, for as long as it takes; nothing where nobody looks on. */
  progress(text: string): void {
    if (!this.#isSeen) return;
    this.#hasProgress = true;
    process.stderr.write(`${RUB_OUT}${plain(text)}`);
  }

  paint(style: Style, text: string): string {
    return this.#colours ? styleText(style, text) : text;
  }

  #rubOut(): void {
    if (this.#hasProgress) process.stderr.write(RUB_OUT);
    this.#hasProgress = false;
  }
}
