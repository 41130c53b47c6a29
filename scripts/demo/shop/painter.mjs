/** Paints a thumbnail to standard output, at the pace of an image converter. */
import { setTimeout as passes } from 'node:timers/promises';

const paintingMs = 250;

const [name] = process.argv.slice(2);
await passes(paintingMs);
process.stdout.write(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 24"><text y="16">${name}</text></svg>`,
);
