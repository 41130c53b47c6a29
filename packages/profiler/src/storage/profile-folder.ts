/** The folder that slices are written to: bounded, and for this user alone. */
import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { CpuProfile } from '../profile/cpu-profile.js';
import { newFile, write } from './storage.js';

/** Some 50 KB each. Their names begin with the time, so that the first are the oldest. */
const MOST_FILES = 100;

const ENDING = 'cpuprofile';

function trim(directory: string): void {
  const files = readdirSync(directory).filter((name) => name.endsWith(`.${ENDING}`));
  for (const name of files.sort().slice(0, -MOST_FILES)) {
    try {
      unlinkSync(join(directory, name));
    } catch {
      // Another process was faster.
    }
  }
}

/** Writes a profile; its path, or null when it could not be written. */
export function keep(directory: string, profile: CpuProfile): string | null {
  try {
    const file = newFile(directory, ENDING);
    write(file, JSON.stringify(profile));
    trim(directory);
    return file;
  } catch {
    // A full disk must not cost the report.
    return null;
  }
}
