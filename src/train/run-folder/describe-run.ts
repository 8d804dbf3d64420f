import type { CompiledNetwork } from '../../compiler/compile.js';
import type { DataSet } from '../../data/data-set.js';
import { contentHash } from '../../data/samples/content-hash.js';
import type { Sample } from '../../data/samples/sample.js';
import type { Split } from '../../data/split/split.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import type { RecipeSpec } from '../../language/recipes/recipe-spec.js';
import { builtInMaps } from '../../weights/names/built-in-maps.js';
import type { TrainingSettings } from '../loop/training-settings.js';
import type { RunSettings, SpecText } from './run-folder-settings.js';

/** What determines a run. */
export interface RunParts {
  readonly network: CompiledNetwork;
  readonly sources: readonly SpecText[];
  readonly recipe: RecipeSpec | undefined;
  readonly settings: TrainingSettings;
  /** The values of `param`s that were set from outside, as `name=value`. */
  readonly set: readonly string[];
  /** The file of the weights to start from; undefined if they are drawn from the seed. */
  readonly weights: string | undefined;
  /** The map of the names in that file: a built-in map or a file. */
  readonly map: string | undefined;
  readonly dataSet: DataSet;
  readonly split: Split<Sample>;
  /** The hashes of the files of each sample, by its name. */
  readonly hashes: ReadonlyMap<string, readonly string[]>;
}

/** Everything that must stay the same for a run to continue: the texts, the settings, and hashes of the files. */
export function describeRun(parts: RunParts): RunSettings | Failure {
  const { network, recipe, settings, set, weights, map, dataSet, split } = parts;
  const [first, ...imports] = parts.sources.map(({ path, text }) => ({ path, text }));
  if (!first) return failure('spec-text-missing', {});
  const weightsHash = weights === undefined ? null : contentHash(weights);
  if (weightsHash instanceof Failure) return weightsHash;
  // A built-in map has no file; its name determines it.
  const mapHash = map === undefined || builtInMaps.has(map) ? null : contentHash(map);
  if (mapHash instanceof Failure) return mapHash;
  return {
    network: network.name,
    spec: [first, ...imports],
    recipe: {
      name: recipe?.name ?? null,
      ...settings,
      set,
      weights: weights ?? null,
      weights_sha256: weightsHash,
      // Runs of versions that knew no maps have no entry either.
      ...(map === undefined ? {} : { map, map_sha256: mapHash }),
    },
    data: dataOf(dataSet, split, parts.hashes),
  };
}

/** A description of the data. */
function dataOf(
  { samples, labels, sliceAxis }: DataSet,
  split: Split<Sample>,
  hashes: ReadonlyMap<string, readonly string[]>,
): object {
  return {
    samples: samples.map(({ name, spatial }) => ({ name, spatial, sha256: hashes.get(name) ?? [] })),
    classes: labels.classes,
    values: [...labels.classOf],
    ...(labels.ranges.length > 0 ? { ranges: labels.ranges } : {}),
    ...(labels.rest === undefined ? {} : { rest: labels.rest }),
    validation: split.validation.map(({ name }) => name),
    ...(sliceAxis === undefined ? {} : { axis: sliceAxis }),
    // Left out where nothing is chosen: the hashes of older runs hold.
    ...(split.choice === undefined ? {} : { split: split.choice }),
  };
}
