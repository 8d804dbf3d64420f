import type { FailureCode } from '../../src/diagnostics/codes.js';
import { failure } from '../../src/diagnostics/failure.js';
import { samples } from './samples/index.js';

/** A failure as a sample of its arguments makes it. */
export interface Wording {
  readonly code: FailureCode;
  readonly args: unknown;
  readonly message: string;
  readonly help: string | undefined;
}

/** Every variant of every failure's sentence, in the order of the table. */
export function wordings(): readonly Wording[] {
  // The keys of the table itself.
  return (Object.keys(samples) as (keyof typeof samples)[]).flatMap((code) =>
    samples[code].map((args) => {
      // Each list has the arguments of its own code; TypeScript can't follow that through the union of all codes.
      const { message, help } = failure(code, args as never);
      return { code, args, message, help };
    }),
  );
}
