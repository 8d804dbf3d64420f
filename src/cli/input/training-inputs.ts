import type { CompiledNetwork, CompileResult } from '../../compiler/compile.js';
import { type DataSet, openDataSet, type Sample } from '../../data/data-set.js';
import { readNames, type Split, splitByNames, splitBySeed } from '../../data/split.js';
import { Failure } from '../../diagnostics/failure.js';
import type { RecipeSpec } from '../../language/recipes/recipe-spec.js';
import { dataProblem } from '../../train/loop/training-problem.js';
import { ProgressBar } from '../output/progress.js';
import { splitTarget } from './target.js';

/** Which images are trained with, as the options say it. */
export interface DataChoice {
  readonly data: string;
  readonly ignore?: string;
  readonly validation: string;
}

/** The data set, and its two parts. */
export async function openData(
  network: CompiledNetwork,
  options: DataChoice,
  labels: Readonly<Record<string, number>> | undefined,
  seed: number,
): Promise<{ readonly dataSet: DataSet; readonly split: Split<Sample> } | Failure> {
  const { channels } = network.spec.input.value;
  const rank = network.spec.rank === 2 ? 2 : 3;
  const finding = new ProgressBar('reading masks', 'masks');
  const dataSet = await openDataSet(options.data, {
    rank,
    channels,
    ...(labels === undefined ? {} : { labels }),
    ...(options.ignore === undefined ? {} : { ignore: options.ignore }),
    thorough: true,
    onProgress: (done, all) => finding.update(done, all),
  });
  finding.end();
  if (dataSet instanceof Failure) return dataSet;
  const mismatch = dataProblem(network, dataSet);
  if (mismatch) return mismatch;
  const split = splitOf(dataSet, options.validation, seed);
  return split instanceof Failure ? split : { dataSet, split };
}

/** The two parts, as --validation says it: a part of the images, or a file with their names. */
function splitOf({ samples }: DataSet, validation: string, seed: number): Split<Sample> | Failure {
  const part = Number(validation);
  if (Number.isFinite(part)) return splitBySeed(samples, part, seed);
  const names = readNames(validation);
  return names instanceof Failure ? names : splitByNames(samples, names);
}

/** The recipe that is meant: that of a name, or the only one. */
export function recipeOf(
  { recipes }: CompileResult,
  name: string | undefined,
  target: string,
): RecipeSpec | undefined | Failure {
  const { path } = splitTarget(target);
  const names = recipes.map((one) => one.name).join(', ');
  if (name === undefined) {
    return recipes.length > 1
      ? new Failure(`${path} has ${recipes.length} recipes; say which one with --recipe: ${names}`)
      : recipes[0];
  }
  const found = recipes.find((one) => one.name === name);
  return found ?? new Failure(`${path} has no recipe \`${name}\`; it has ${names || 'none'}`);
}
