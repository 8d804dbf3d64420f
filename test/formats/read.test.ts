import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { casesIn, checkCase } from './case-files.js';

// Files that tifffile, Pillow, nibabel, pynrrd, SimpleITK and NumPy wrote, with the numbers that these read from them:
// the choice of peers/make.py that is kept here. `npm run test:peers` makes all of them anew.
const folder = join(import.meta.dirname, 'fixtures');

describe.each(readdirSync(folder).sort())('%s', (file) => {
  test.each(casesIn(join(folder, file)))('$name', checkCase);
});
