import type { Failure } from '../../../diagnostics/failure.js';
import { listText } from '../../../diagnostics/wording.js';
import type { PredictCase } from '../../../predict/cases/find-cases.js';
import type { ExitCode } from '../../command.js';
import { countText, failureJson, report, reportFailure } from '../output.js';

/** So many failures are printed whole: what is wrong with one image is often wrong with all. */
const MOST_PRINTED = 10;

/** The images of a call that could not be predicted, while the others are. */
export class FailedCases {
  private readonly failed: {
    readonly name: string;
    readonly input: readonly string[];
    readonly failure: Failure;
  }[] = [];

  /** Prints why an image could not be predicted, as long as there are few. */
  add({ name, paths }: PredictCase, failure: Failure): void {
    this.failed.push({ name, input: paths, failure });
    if (this.failed.length <= MOST_PRINTED) reportFailure(failure);
  }

  /** Prints how many of `count` images failed and which. The exit code: 1 if one failed. */
  finish(count: number): ExitCode {
    const { length } = this.failed;
    if (length === 0) return 0;
    const names = this.failed.slice(0, MOST_PRINTED).map(({ name }) => name);
    const rest = length - names.length;
    const all = listText(rest > 0 ? [...names, `${countText(rest)} others`] : names, 'and');
    report(`unet: ${countText(length)} of ${countText(count)} images were not predicted: ${all}`);
    return 1;
  }

  /** For machines; empty if none failed. */
  get json(): readonly object[] {
    return this.failed.map(({ failure, ...one }) => ({ ...one, error: failureJson(failure) }));
  }
}
