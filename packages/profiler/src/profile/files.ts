/** Whose code a file of a profile is. */
import { fileURLToPath } from 'node:url';

/** A file URL becomes the path it stands for; everything else stays as it is. */
export function plainFile(url: string): string {
  if (!url.startsWith('file:')) return url;
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

const DEPENDENCY = /[\\/]node_modules[\\/](?!.*[\\/]node_modules[\\/])((?:@[^\\/]+[\\/])?[^\\/]+)/;

/** The package in node_modules that a file belongs to, or null. */
export function packageOf(file: string): string | null {
  return DEPENDENCY.exec(file)?.[1]?.replace('\\', '/') ?? null;
}

/** Whether a file is neither Node's own nor a dependency's. */
export function isInApp(file: string): boolean {
  return file !== '' && !file.startsWith('node:') && packageOf(file) === null;
}
