import { metadataKeys } from '../../compiler/metadata.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import type { Session } from '../../runtime/engine.js';
import type { OutputScale } from '../labels/joined-rows.js';

/** How the channels of an output become labels. */
export type LabelRule =
  /** Channel k is class k, and classes exclude one another: the most probable one counts. */
  | { readonly kind: 'classes' }
  /**
   * Each channel is a region, and regions may overlap. They are written in the order of the channels, each where it is more
   * probable than not, so that a later one covers an earlier one (nnU-Net's rule). `values` are their labels: 1, 2, 3, ...
   * when left out.
   */
  | { readonly kind: 'regions'; readonly values: readonly number[] | undefined };

/** The largest label that a map of 16 bits can hold. */
export const LARGEST_LABEL = 65535;

/**
 * How a model's channels become labels. `given` are the labels of its regions as a caller says them. Otherwise, several
 * channels with a sigmoid each are regions, unless the model was trained by `unet train`: its masks have classes that exclude
 * one another.
 */
export function labelRuleOf(
  { metadata, outputs }: Session,
  head: string | undefined,
  given: readonly number[] | undefined,
): LabelRule | Failure {
  const channels = outputs[0]?.shape[1];
  if (given) {
    if (head === 'softmax') return failure('unfit-regions', { problem: { case: 'softmax' } });
    return (
      countProblem(given, typeof channels === 'number' ? channels : undefined) ?? {
        ...{ kind: 'regions', values: given },
      }
    );
  }
  const isTrained =
    metadata[metadataKeys.trainingData] !== undefined || metadata[metadataKeys.classes] !== undefined;
  if (head !== 'sigmoid' || channels === 1 || isTrained) return { kind: 'classes' };
  return { kind: 'regions', values: undefined };
}

/** Fails if there are more or fewer labels than channels; what is not known does not fail. */
export function countProblem(values: readonly number[], channels: number | undefined): Failure | undefined {
  if (channels === undefined || channels === values.length) return undefined;
  return failure('unfit-regions', { problem: { case: 'count', labels: values.length, channels } });
}

/** How many bytes a label has, by the channels of the output if the model says how many there are. */
export function labelBytes(rule: LabelRule, channels: number | undefined): 1 | 2 {
  const most = rule.kind === 'regions' && rule.values ? Math.max(...rule.values) : channels;
  if (most === undefined) return 2;
  // Classes are counted from 0, and regions from 1.
  return most <= (rule.kind === 'classes' ? 256 : 255) ? 1 : 2;
}

/** How many classes a label map may have, the background among them; undefined if the model does not say it. */
export function labelClasses(rule: LabelRule, channels: number | undefined): number | undefined {
  if (rule.kind === 'regions' && rule.values) return Math.max(...rule.values) + 1;
  if (channels === undefined) return undefined;
  return rule.kind === 'regions' ? channels + 1 : Math.max(2, channels);
}

/** A sentence for a user who did not say that the channels are regions. */
export function regionNotes(rule: LabelRule, channels: number | undefined): readonly string[] {
  if (rule.kind === 'classes' || rule.values || channels === 1) return [];
  const last = channels === undefined ? '' : ` to ${channels}`;
  return [
    `the output channels are read as regions that may overlap: their labels are 1${last}, and a later one covers an earlier one (--regions gives other labels)`,
  ];
}

/** What the numbers of a model's rows are, as asLogits makes them, by the number of channels. */
export function outputScaleOf(head: string | undefined, rule: LabelRule): (channels: number) => OutputScale {
  if (head === undefined) return () => 'probabilities';
  const isEach = head === 'sigmoid' || rule.kind === 'regions';
  return (channels) => (isEach || channels === 1 ? 'sigmoid' : 'softmax');
}
