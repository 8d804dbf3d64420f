import { error } from '../definition.js';

/** What is wrong with expectations and ablations. */
export const networkCodes = {
  'expectation-failed': error(
    'A row of `expect` does not hold.',
    (a: { row: string; found: string }) => `expected ${a.row}, found ${a.found}`,
  ),
  'unknown-stage': error(
    'The network has no stage of that name.',
    (a: { stage: string }) => `the network has no ${a.stage}`,
  ),
  'too-many-networks': error(
    'The file has too many networks and variants.',
    (a: { count: number; limit: number }) =>
      `the file has ${a.count} networks and variants, more than the limit of ${a.limit}`,
  ),
  'too-many-variants': error(
    'The `vary` lines make too many variants.',
    (a: { count: number; limit: number }) =>
      `the ablation has ${a.count} variants, more than the limit of ${a.limit}`,
  ),
} as const;
