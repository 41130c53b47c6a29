/** A build of loopwatch with one more sink: a copy of its source, a folder, and an entry of the table. */
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Scope, temporaryFolder } from './folder.js';
import { filesIn } from './journal.js';
import { packageFolder } from './places.js';
import { byImport, type Preload } from './preload.js';
import type { RunOptions } from './run.js';
import { until } from './until.js';

const ENTRIES = ['register', 'watchdog/entry', 'reporter/entry'];

type BundlePackage = (folder: string, entries: readonly string[]) => Promise<void>;

/**
 * Builds it, and nothing else of the source is changed.
 *
 * @param entry the text of the entry, which goes last
 * @param code the text of the `sink.ts` in the sink's folder
 * @returns the preload of that build
 */
export async function buildWithSink(
  scope: Scope,
  name: string,
  entry: string,
  code: string,
): Promise<Preload> {
  const folder = temporaryFolder(scope);
  for (const part of ['src', 'package.json']) {
    cpSync(join(packageFolder, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(packageFolder, 'node_modules'), join(folder, 'node_modules'));
  const sinkFolder = join(folder, 'src', 'reporter', 'sinks', name);
  mkdirSync(sinkFolder);
  writeFileSync(join(sinkFolder, 'sink.ts'), code);
  const table = join(folder, 'src', 'shared', 'sinks', 'table.ts');
  writeFileSync(table, readFileSync(table, 'utf8').replace(/^\];$/m, `${entry},\n];`));
  const script = new URL('../../../scripts/bundle.mjs', import.meta.url);
  const { bundlePackage } = (await import(script.href)) as { bundlePackage: BundlePackage };
  await bundlePackage(folder, ENTRIES);
  return byImport(pathToFileURL(join(folder, 'dist', 'register.js')).href);
}

/** A journal for programs with that build. */
export interface SinkPlace {
  readonly journalDir: string;
  readonly options: RunOptions;
  /** Waits until so many reports are wanted by the sink alone. */
  failed(count: number): Promise<unknown>;
  /** Where the sink is to write: the journal's folder and `-reports`. It is not there before `open`. */
  readonly reportsDir: string;
  /**
   * Waits until a process has tried a report for the second time: by the lines of PID and ID that the sink
   * adds to the file `.attempts`, whose name begins with that of `reportsDir`.
   */
  retried(pid: number): Promise<unknown>;
  /** Lets the sink write. */
  open(): void;
  /** Waits until every report is delivered. */
  empty(): Promise<unknown>;
}

/** @param name the sink's */
export function sinkPlace(scope: Scope, preload: Preload, name: string): SinkPlace {
  const journalDir = join(temporaryFolder(scope), 'journal');
  const files = () => filesIn(journalDir);
  const left = () => files().filter((file) => file.endsWith(`.${name}.json`)).length;
  const reportsDir = `${journalDir}-reports`;
  const file = `${reportsDir}.attempts`;
  const attempts = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
  const isRetried = (pid: number) => {
    const own = attempts().filter((line) => line.startsWith(`${pid} `));
    return new Set(own).size < own.length;
  };
  return {
    journalDir,
    reportsDir,
    options: {
      preload,
      env: { LOOPWATCH_JOURNAL_DIR: journalDir, LOOPWATCH_EXIT_FLUSH_MS: '10000' },
    },
    failed: (count) => until(`${count} for ${name}`, () => left() === count, { seen: files }),
    retried: (pid) => until(`a retry of ${pid}`, () => isRetried(pid), { seen: attempts }),
    open: () => mkdirSync(reportsDir),
    empty: () => until('an empty journal', () => files().length === 0, { seen: files }),
  };
}
