import { metadataKeys } from '../../compiler/metadata.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import {
  isMeasured,
  isPerImage,
  type Normalization,
  normalizationText,
} from '../../normalize/normalization.js';
import { readNormalization } from '../../normalize/normalization-json.js';
import { normalizeImage } from '../../normalize/normalize-image.js';
import type { Session } from '../engine.js';
import type { Tensor } from '../tensor.js';
import type { Plan } from './fit.js';

/** What becomes of the values of an image before a model computes with them. */
export interface ModelNormalization {
  /** `none` means that pictures are divided by the largest value of their type; with all others, a model takes stored values. */
  readonly value: Normalization;
  /** Whether the model does it itself. */
  readonly isInGraph: boolean;
}

/** The normalisation that the metadata of a model name; `none` if they name none, as in models of other programs. */
export function normalizationOf({ metadata }: Pick<Session, 'metadata'>): ModelNormalization | Failure {
  const text = metadata[metadataKeys.normalize];
  const isInGraph = metadata[metadataKeys.preprocess] === 'graph';
  if (text === undefined) return { value: { kind: 'none' }, isInGraph: false };
  const value = readNormalization(text);
  if (!value) return failure('normalize-unknown', { text });
  return isMeasured(value)
    ? failure('normalize-not-measured', { network: undefined, measured: undefined })
    : { value, isInGraph };
}

/** Normalises the stored values of a whole image, (C, ...spatial), in place, unless the model does it itself. */
export function normalizeFor(model: ModelNormalization, image: Tensor): void {
  if (!model.isInGraph) normalizeImage(image, model.value);
}

/** Fails if the model itself takes numbers from its input, and the plan gives it something else than the whole image. */
export function partProblem({ value, isInGraph }: ModelNormalization, plan: Plan): Failure | undefined {
  if (!isInGraph || !isPerImage(value)) return undefined;
  const windows = plan.axes.reduce((product, { placements }) => product * placements.length, 1);
  const isPadded = plan.axes.some(({ size, window }) => window !== size);
  if (windows === 1 && !isPadded && plan.resizedFrom === undefined) return undefined;
  return failure('normalize-of-part', { normalize: normalizationText(value), windows, isPadded });
}
