import { readFileSync } from 'node:fs';

/** A text file of this package; undefined where there is none. Bundled code lies in dist/, one folder down. */
export function packageFile(path: string): string | undefined {
  try {
    return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  } catch {
    return undefined;
  }
}
