import type { CompiledNetwork, CompileResult } from '../../compiler/compile.js';
import type { DataSet } from '../../data/data-set.js';
import { openDataSet } from '../../data/open-data-set.js';
import type { Sample } from '../../data/samples/sample.js';
import { readNames, type Split, splitByNames, splitBySeed } from '../../data/split.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import type { RecipeSpec } from '../../language/recipes/recipe-spec.js';
import type { TrainingData } from '../../train/plan-training.js';
import { ProgressBar } from '../output/progress.js';
import { type PairChoice, readPairs } from './pair-options.js';
import { splitTarget } from './target.js';

/** Options that choose the images of a training. */
export interface DataChoice extends PairChoice {
  readonly data: string;
  readonly ignore?: string;
  readonly validation: string;
}

/** The images that the options choose. */
export function chosenData(
  { spec }: CompiledNetwork,
  { data, ignore, validation, ...pairs }: DataChoice,
  labels: Readonly<Record<string, number>> | undefined,
): TrainingData {
  const part = Number(validation);
  return {
    isValidated: part !== 0,
    open: async () => {
      const progress = new ProgressBar('reading masks', 'masks');
      const dataSet = await openDataSet(data, {
        rank: spec.rank === 2 ? 2 : 3,
        channels: spec.input.value.channels,
        ...readPairs(pairs),
        ...(labels === undefined ? {} : { labels }),
        ...(ignore === undefined ? {} : { ignore }),
        thorough: true,
        onProgress: (done, all) => progress.update(done, all),
      });
      progress.end();
      return dataSet;
    },
    split: (dataSet, { seed }) =>
      Number.isFinite(part) ? splitBySeed(dataSet.samples, part, seed) : splitByFile(dataSet, validation),
  };
}

function splitByFile({ samples }: DataSet, path: string): Split<Sample> | Failure {
  const names = readNames(path);
  return names instanceof Failure ? names : splitByNames(samples, names);
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
