import type { CompiledNetwork } from '../../compiler/compile.js';
import {
  type LossTerm,
  patchOf,
  type RecipeSpec,
  type RecipeValues,
} from '../../language/recipes/recipe-spec.js';
import type { NetworkSpec } from '../../language/resolve/network-spec.js';
import { STANDARD_BATCH } from '../../language/schema/recipe-attributes.js';
import type { OptimizerSetting } from './optimizer-setting.js';

/** The settings of a training step. What is left out comes from the recipe, or else has a default. */
export interface StepOptions {
  /** A `training` of the file. */
  readonly recipe?: RecipeSpec | undefined;
  readonly loss?: readonly LossTerm[] | undefined;
  readonly optimizer?: OptimizerSetting | undefined;
  /** Patches per step. */
  readonly batch?: number | undefined;
  /** The spatial size of the patches, an admissible one; without a recipe that sets it, the network's input. */
  readonly patch?: readonly number[] | undefined;
  /** The largest norm of all gradients together; without a recipe that sets it, there is no limit. */
  readonly clip?: number | undefined;
}

/** The same with nothing left open. */
export interface StepSettings {
  readonly loss: readonly LossTerm[];
  readonly optimizer: OptimizerSetting;
  readonly batch: number;
  readonly patch: readonly number[];
  readonly clip: number | undefined;
}

export function stepSettings(network: CompiledNetwork, options: StepOptions = {}): StepSettings {
  const values: RecipeValues = options.recipe?.values ?? {};
  const standard = standardRecipe(network.spec);
  return {
    loss: options.loss ?? values.loss ?? standard.loss,
    optimizer: options.optimizer ?? values.optimizer ?? standard.optimizer,
    batch: options.batch ?? values.batch ?? standard.batch,
    patch: options.patch ?? patchOf(values, network.graph.rank) ?? network.facts.spatial(0),
    clip: options.clip ?? values.clip,
  };
}

/** The learning rate if a recipe sets none. */
export const STANDARD_RATE = 1e-3;

/** The settings that a recipe leaves out. */
function standardRecipe(spec: NetworkSpec): Required<Pick<RecipeValues, 'loss' | 'optimizer' | 'batch'>> {
  // Half of the loss counts positions, half measures the overlap.
  const loss: readonly LossTerm[] = [
    { weight: 0.5, loss: headOf(spec) === 'sigmoid' ? { kind: 'bce' } : { kind: 'cross_entropy' } },
    { weight: 0.5, loss: { kind: 'dice', smooth: 1, squared: false, batch: true, background: true } },
  ];
  return { loss, optimizer: { kind: 'adam', lr: STANDARD_RATE, weight_decay: 0 }, batch: STANDARD_BATCH };
}

/** How logits become probabilities in a loss: by a softmax if the network has no op after them. */
export function headOf({ head }: NetworkSpec): 'softmax' | 'sigmoid' {
  return head.value.kind === 'sigmoid' ? 'sigmoid' : 'softmax';
}
