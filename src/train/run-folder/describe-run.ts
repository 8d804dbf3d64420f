import type { CompiledNetwork } from '../../compiler/compile.js';
import { contentHash, sampleHashes } from '../../data/content-hash.js';
import type { DataSet, Sample } from '../../data/data-set.js';
import type { Split } from '../../data/split.js';
import { Failure } from '../../diagnostics/failure.js';
import type { RecipeSpec } from '../../language/recipes/recipe-spec.js';
import type { TrainingSettings } from '../loop/training-settings.js';
import type { RunSettings, SpecText } from './run-folder-settings.js';

/** What a run is made of. */
export interface RunParts {
  readonly network: CompiledNetwork;
  readonly sources: readonly SpecText[];
  readonly recipe: RecipeSpec | undefined;
  readonly settings: TrainingSettings;
  /** What was set from outside, as `name=value`. */
  readonly set: readonly string[];
  /** The file of the weights to start from; those of the seed when left out. */
  readonly weights: string | undefined;
  readonly dataSet: DataSet;
  readonly split: Split<Sample>;
}

/** All that must be the same to go on with a run: the texts, the settings, and hashes of the files that are read. */
export function describeRun(parts: RunParts): RunSettings | Failure {
  const { network, recipe, settings, set, weights, dataSet, split } = parts;
  const [first, ...imports] = parts.sources.map(({ path, text }) => ({ path, text }));
  if (!first) return new Failure('a run keeps the text of its spec: there is none');
  const weightsHash = weights === undefined ? null : contentHash(weights);
  if (weightsHash instanceof Failure) return weightsHash;
  const hashes = sampleHashes(dataSet.samples);
  if (hashes instanceof Failure) return hashes;
  return {
    network: network.name,
    spec: [first, ...imports],
    recipe: {
      name: recipe?.name ?? null,
      ...settings,
      set,
      weights: weights ?? null,
      weights_sha256: weightsHash,
    },
    data: dataOf(dataSet, split, hashes),
  };
}

/** What says which data these are. */
function dataOf(
  { samples, labels }: DataSet,
  split: Split<Sample>,
  hashes: ReadonlyMap<string, readonly string[]>,
): object {
  return {
    samples: samples.map(({ name, spatial }) => ({ name, spatial, sha256: hashes.get(name) ?? [] })),
    classes: labels.classes,
    values: [...labels.classOf],
    validation: split.validation.map(({ name }) => name),
  };
}
