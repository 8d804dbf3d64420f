import type { Wanted } from '../../../diagnostics/codes/usage.js';
import { Failure, failure } from '../../../diagnostics/failure.js';
import { sliceAxes } from '../../../images/image-layout.js';
import { parsePostprocessing } from '../../../objects/postprocess/step-text.js';
import { EXPORTS, type ExportFormat } from '../../../predict/labels/export-objects.js';
import type { FinishOptions, ObjectSeparation } from '../../../predict/labels/finish-labels.js';
import { heads } from '../../../predict/model/model-head.js';
import type { ModelOptions } from '../open-model.js';
import { type MapOptions, regionsOf, type Sampling, samplingOf, uncertaintiesOf } from './map-options.js';

/** The options of `unet predict`. */
export interface PredictChoice extends Omit<ModelOptions, 'seed'>, MapOptions {
  readonly input: readonly string[];
  readonly output: string;
  readonly step?: string;
  readonly sigma?: string;
  readonly windows: string;
  readonly tile?: string;
  readonly border: string;
  readonly mirror?: boolean;
  readonly batch?: string;
  readonly axis?: string;
  readonly nan?: string;
  readonly head?: string;
  readonly post: readonly string[];
  readonly objects?: string;
  readonly export?: string;
  readonly resume?: boolean;
  readonly report?: string;
  readonly json?: boolean;
}

export const PLACEMENTS = { nnunet: 'even', monai: 'shifted' } as const;
export type Windows = keyof typeof PLACEMENTS;
export const BORDERS = ['mirror', 'zero'] as const;
/** How objects are told apart: undefined if they are not asked for. */
function separationOf({ objects, export: formats }: PredictChoice): ObjectSeparation | undefined | Failure {
  if (objects === undefined) return formats === undefined ? undefined : { kind: 'components' };
  if (objects === 'components' || objects === 'distance') return { kind: objects };
  const [, border] = /^border:\s*([1-9]\d{0,4})$/.exec(objects) ?? [];
  if (border !== undefined) return { kind: 'border', border: Number(border) };
  const wanted = { oneOf: ['components', 'distance', 'border: K'] };
  return failure('invalid-option-value', { option: '--objects', value: objects, wanted });
}

function exportsOf({ export: text }: PredictChoice): readonly ExportFormat[] | Failure {
  const formats: ExportFormat[] = [];
  for (const name of text?.split(',') ?? []) {
    const known = Object.keys(EXPORTS).find((one) => one === name.trim());
    if (known === undefined) {
      const wanted = { oneOf: Object.keys(EXPORTS) };
      return failure('invalid-option-value', { option: '--export', value: name, wanted });
    }
    formats.push(known as ExportFormat); // it is one of the keys
  }
  return formats;
}

/** What is wrong with the options, before anything is read. */
function usageErrorOf(options: PredictChoice): Failure | undefined {
  const { step, sigma, windows, tile, border, batch, axis, nan, head } = options;
  const wrong = (option: string, value: string, wanted: Wanted) =>
    failure('invalid-option-value', { option, value, wanted });
  const isPart = (text: string) => /^\d{0,3}(\.\d{1,9})?$/.test(text) && text !== '';
  if (step !== undefined && !(isPart(step) && Number(step) >= 0.05 && Number(step) <= 1)) {
    return wrong('--step', step, { numberFrom: 0.05, to: 1 });
  }
  if (sigma !== undefined && !(isPart(sigma) && Number(sigma) <= 10)) {
    return wrong('--sigma', sigma, { numberFrom: 0, to: 10 });
  }
  if (!Object.hasOwn(PLACEMENTS, windows))
    return wrong('--windows', windows, { oneOf: Object.keys(PLACEMENTS) });
  if (!BORDERS.some((one) => one === border)) return wrong('--border', border, { oneOf: BORDERS });
  for (const [option, value] of [
    ['--tile', tile],
    ['--batch', batch],
  ] as const) {
    if (value !== undefined && !/^[1-9]\d{0,5}$/.test(value)) return wrong(option, value, { wholeFrom: 1 });
  }
  if (axis !== undefined && !sliceAxes.some((one) => one === axis))
    return wrong('--axis', axis, { oneOf: sliceAxes });
  if (nan !== undefined && !/^-?\d{1,9}(\.\d{1,9})?$/.test(nan))
    return wrong('--nan', nan, { form: 'number' });
  if (head !== undefined && !heads.some((one) => one === head))
    return wrong('--head', head, { oneOf: heads });
  return undefined;
}

/** What is done with the labels. */
export interface Finishing extends FinishOptions {
  readonly exports: readonly ExportFormat[];
  /** The labels of the channels, where the caller says that these are regions. */
  readonly regions: readonly number[] | undefined;
  /** How networks are sampled; undefined if they are not. */
  readonly sampling: Sampling | undefined;
}

/** What the options say about the labels, once all options are right. */
export function readPredictChoice(choice: PredictChoice): Finishing | Failure {
  const wrong = usageErrorOf(choice);
  if (wrong) return wrong;
  const steps = parsePostprocessing(choice.post);
  if (steps instanceof Failure) return steps;
  const objects = separationOf(choice);
  if (objects instanceof Failure) return objects;
  const exports = exportsOf(choice);
  if (exports instanceof Failure) return exports;
  const uncertainties = uncertaintiesOf(choice.uncertainty);
  if (uncertainties instanceof Failure) return uncertainties;
  const regions = regionsOf(choice.regions);
  if (regions instanceof Failure) return regions;
  const sampling = samplingOf(choice);
  return sampling instanceof Failure ? sampling : { steps, objects, exports, regions, sampling };
}
