import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Host } from '../../language/modules/modules.js';

/** Reads imports from the file system. Paths below the working directory stay relative to it. */
export const nodeHost: Host = {
  read(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  resolve(from, specifier) {
    const path = join(dirname(from), specifier);
    const near = relative('.', resolve(path));
    return near.startsWith('..') ? resolve(path) : near;
  },
};
