import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Failure, failure } from '../../diagnostics/failure.js';

/** The scripts of pages, which `scripts/bundles.js` makes. */
export type PageScript = 'view-planes' | 'view-volume' | 'view-table';

/** Beside the bundle that this module is in, or, for tests of the sources, in dist/. */
const PLACES = ['./', '../../../dist/'] as const;

/** The text of a script. Fails if the installation lacks it. */
export function pageScript(name: PageScript): string | Failure {
  const paths = PLACES.map((place) => fileURLToPath(new URL(`${place}${name}.js`, import.meta.url)));
  const path = paths.find((one) => existsSync(one));
  return path === undefined
    ? failure('installation-incomplete', { path: paths[0] ?? name })
    : readFileSync(path, 'utf8');
}
