/** Folders that go when the test goes. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The part of node:test's context that ends things with the test, also when it fails. */
export interface Scope {
  after(end: () => void | Promise<void>): void;
}

/** Makes an empty folder. */
export function makeFolder(): string {
  return mkdtempSync(join(realpathSync(tmpdir()), 'loopwatch-test-'));
}

/** Removes a folder and what is in it, even while a process that is being killed writes there. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** An empty folder for the duration of a test. */
export function temporaryFolder(scope: Scope): string {
  const folder = makeFolder();
  scope.after(() => removeFolder(folder));
  return folder;
}
