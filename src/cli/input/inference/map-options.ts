import { Failure, failure } from '../../../diagnostics/failure.js';
import { fileNamePart } from '../../../predict/maps/map-path.js';
import { type ResultMap, UNCERTAINTIES, type Uncertainty } from '../../../predict/maps/result-map.js';
import { LARGEST_LABEL } from '../../../predict/model/label-rule.js';
import type { PredictModel } from '../../../predict/model/predict-model.js';

/** The options of `unet predict` about regions and about how sure a prediction is. */
export interface MapOptions {
  readonly regions?: string;
  readonly regionMasks?: boolean;
  readonly uncertainty?: string;
  readonly samples?: string;
  readonly seed?: string;
}

/** How a network is sampled. */
export interface Sampling {
  readonly count: number;
  readonly seed: number;
}

const MOST_SAMPLES = 1000;
const LARGEST_SEED = 0xffff_ffff;

/** What `--samples` and `--seed` ask for; undefined without them. */
export function samplingOf({ samples, seed }: MapOptions): Sampling | undefined | Failure {
  if (samples === undefined) {
    return seed === undefined
      ? undefined
      : failure('incomplete-options', { option: '--seed', required: 'samples' });
  }
  const isNumber = (text: string) => /^\d{1,10}$/.test(text);
  if (!isNumber(samples) || Number(samples) < 2 || Number(samples) > MOST_SAMPLES) {
    const wanted = { wholeFrom: 2, to: MOST_SAMPLES };
    return failure('invalid-option-value', { option: '--samples', value: samples, wanted });
  }
  if (seed !== undefined && !(isNumber(seed) && Number(seed) <= LARGEST_SEED)) {
    const wanted = { wholeFrom: 0, to: LARGEST_SEED };
    return failure('invalid-option-value', { option: '--seed', value: seed, wanted });
  }
  return { count: Number(samples), seed: Number(seed ?? 0) };
}

/** The maps of `--uncertainty`, each once. */
export function uncertaintiesOf(text: string | undefined): readonly Uncertainty[] | Failure {
  const found = new Set<Uncertainty>();
  for (const name of text?.split(',') ?? []) {
    const known = UNCERTAINTIES.find((one) => one === name.trim());
    if (known === undefined) {
      const wanted = { oneOf: UNCERTAINTIES };
      return failure('invalid-option-value', { option: '--uncertainty', value: name, wanted });
    }
    found.add(known);
  }
  return [...found];
}

/** The labels of `--regions`, in the order of the channels; undefined if the option is not given. */
export function regionsOf(text: string | undefined): readonly number[] | undefined | Failure {
  if (text === undefined) return undefined;
  const parts = text.split(',').map((part) => part.trim());
  const values = parts.map(Number);
  if (parts.every((part) => /^\d{1,5}$/.test(part)) && values.every((value) => value <= LARGEST_LABEL)) {
    return values;
  }
  return failure('invalid-option-value', { option: '--regions', value: text, wanted: { form: 'regions' } });
}

/**
 * The maps that the options ask for, of models that agree with each other.
 *
 * @param members how many outputs are averaged: of models, and of samples of each
 */
export function requestedMaps(
  model: PredictModel,
  { regionMasks = false, uncertainty }: MapOptions,
  members: number,
): readonly ResultMap[] | Failure {
  const uncertainties = uncertaintiesOf(uncertainty);
  if (uncertainties instanceof Failure) return uncertainties;
  const regions = regionMasks ? regionMaps(model) : [];
  if (regions instanceof Failure) return regions;
  if (uncertainties.length > 0 && model.head.head === undefined) return failure('head-unknown', {});
  if (uncertainties.includes('disagreement') && members < 2) return failure('single-member', {});
  return [...regions, ...uncertainties.map((kind) => ({ name: kind, content: { kind } }))];
}

function regionMaps({
  rule,
  head,
  outputChannels,
  classNames,
}: PredictModel): readonly ResultMap[] | Failure {
  const channels = (rule.kind === 'regions' ? rule.values?.length : undefined) ?? outputChannels;
  if (head.head === 'softmax') return failure('unfit-regions', { problem: { case: 'softmax' } });
  const isClear = rule.kind === 'regions' || head.head === 'sigmoid' || channels === 1;
  if (!isClear || channels === undefined) return failure('unfit-regions', { problem: { case: 'unclear' } });
  const known = channels === 1 && classNames?.length === 2 ? classNames.slice(1) : classNames;
  const names = known?.map(fileNamePart) ?? [];
  const isNamed = names.length === channels && new Set(['', ...names]).size > channels;
  return Array.from({ length: channels }, (_, channel) => ({
    name: isNamed ? (names[channel] ?? '') : `region${channel + 1}`,
    content: { kind: 'region', channel },
  }));
}
