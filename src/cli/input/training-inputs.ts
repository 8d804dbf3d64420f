import type { CompiledNetwork, CompileResult } from '../../compiler/compile.js';
import type { DataSet } from '../../data/data-set.js';
import { type DataSetOptions, openDataSet } from '../../data/open-data-set.js';
import type { Sample } from '../../data/samples/sample.js';
import { readNames, splitByNames } from '../../data/split/by-names.js';
import { splitBySeed } from '../../data/split/by-seed.js';
import { foldOf } from '../../data/split/folds.js';
import { groupsByPattern } from '../../data/split/group-pattern.js';
import type { Grouping, Split, SplitChoice } from '../../data/split/split.js';
import { countSampleLabels, verifyDataSet } from '../../data/survey/survey.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import { formFor } from '../../images/value-scale.js';
import type { RecipeSpec } from '../../language/recipes/recipe-spec.js';
import { preloadOnnxRuntime } from '../../runtime/onnxruntime/onnxruntime.js';
import type { TrainingData } from '../../train/plan-training.js';
import { ProgressBar } from '../output/progress.js';
import { type PairChoice, readPairs } from './pair-options.js';
import { splitTarget } from './target.js';

/** Options that choose the images of a training. */
export interface DataChoice extends PairChoice {
  readonly data: string;
  readonly ignore?: string;
  readonly validation?: string;
  readonly group?: string;
  readonly fold?: string;
}

/** The part of the images that validates, unless an option says otherwise. */
const STANDARD_PART = 0.2;

/** The images that the options choose. */
export function chosenData(
  { spec }: CompiledNetwork,
  choice: DataChoice,
  labels: DataSetOptions['labels'],
): TrainingData {
  const { data, ignore } = choice;
  return {
    isValidated: choice.fold !== undefined || partOf(choice) !== 0,
    open: async () => {
      const progress = new ProgressBar('reading', 'pairs');
      const opening = openDataSet(data, {
        rank: spec.rank === 2 ? 2 : 3,
        channels: spec.input.value.channels,
        classes: Math.max(2, spec.classes.value),
        ...readPairs(choice),
        ...(labels === undefined ? {} : { labels }),
        ...(ignore === undefined ? {} : { ignore }),
        thorough: true,
        readImages: { form: formFor(spec.normalize.value), use: 'keep' },
        onProgress: (done, all) => progress.update(done, all),
      });
      // Meanwhile other threads read.
      preloadOnnxRuntime();
      const dataSet = await opening;
      progress.end();
      return dataSet;
    },
    split: (dataSet, { seed }) => chosenSplit(dataSet, choice, seed),
  };
}

/** The part of the images that validates; NaN if a file names them. */
function partOf({ validation }: DataChoice): number {
  return validation === undefined ? STANDARD_PART : Number(validation);
}

async function chosenSplit(
  dataSet: DataSet,
  choice: DataChoice,
  seed: number,
): Promise<Split<Sample> | Failure> {
  const { group } = choice;
  const { samples } = dataSet;
  const groups = group === undefined ? undefined : groupsByPattern(samples, group);
  if (groups instanceof Failure) return groups;
  const split = await splitOf(dataSet, choice, seed, groups);
  if (split instanceof Failure || group === undefined) return split;
  const recorded: SplitChoice = { ...split.choice, group };
  return { ...split, choice: recorded };
}

async function splitOf(
  dataSet: DataSet,
  choice: DataChoice,
  seed: number,
  groups: Grouping<Sample> | undefined,
): Promise<Split<Sample> | Failure> {
  const { samples } = dataSet;
  const fold = readFold(choice.fold);
  if (fold) {
    const counts = await countSampleLabels(dataSet, samples);
    if (counts instanceof Failure) {
      // The images have not been read yet: their problems belong to the same list.
      const all = await verifyDataSet(dataSet);
      return all instanceof Failure ? all : counts;
    }
    const shown = new Map(samples.map((sample, i) => [sample, counts[i]?.byClass.map((n) => n > 0) ?? []]));
    return foldOf(samples, {
      ...fold,
      ...{ seed, classes: (sample) => shown.get(sample) ?? [] },
      ...(groups ? { groups } : {}),
    });
  }
  const part = partOf(choice);
  if (Number.isFinite(part)) return splitBySeed(samples, part, seed, groups);
  const names = readNames(choice.validation ?? '');
  return names instanceof Failure ? names : splitByNames(samples, names, groups);
}

/** The numbers of a fold such as `2/5`; undefined for other texts, and for a fold that does not exist. */
export function readFold(
  text: string | undefined,
): { readonly index: number; readonly count: number } | undefined {
  const [, index = 0, count = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text ?? '') ?? []).map(Number);
  return index >= 1 && index <= count && count >= 2 ? { index, count } : undefined;
}

/** The recipe of this name; without a name, the only recipe, or undefined if there is none. */
export function recipeOf(
  { recipes }: CompileResult,
  name: string | undefined,
  target: string,
): RecipeSpec | undefined | Failure {
  const { path } = splitTarget(target);
  const names = recipes.map((one) => one.name);
  if (name === undefined) {
    return recipes.length > 1 ? failure('recipe-not-chosen', { path, recipes: names }) : recipes[0];
  }
  const found = recipes.find((one) => one.name === name);
  if (found) return found;
  return failure('unknown-recipe', { path, recipe: name, recipes: names, nearest: didYouMean(name, names) });
}
