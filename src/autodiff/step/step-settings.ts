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

/** What a training step is made by. What is left out is the recipe's; what it leaves out too has a default. */
export interface StepOptions {
  /** A `training` of the file. */
  readonly recipe?: RecipeSpec | undefined;
  readonly loss?: readonly LossTerm[] | undefined;
  readonly optimizer?: OptimizerSetting | undefined;
  /** Patches a step. */
  readonly batch?: number | undefined;
  /** The spatial size of the patches, one that fits; the network's input where no recipe says another. */
  readonly patch?: readonly number[] | undefined;
  /** The largest norm of all gradients together; no limit where no recipe has one. */
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

/** The learning rate where a recipe has none. */
export const STANDARD_RATE = 1e-3;

/** What is taken where a recipe says nothing. */
function standardRecipe(spec: NetworkSpec): Required<Pick<RecipeValues, 'loss' | 'optimizer' | 'batch'>> {
  // Half of it for each position, half for the overlap.
  const loss: readonly LossTerm[] = [
    { weight: 0.5, loss: headOf(spec) === 'sigmoid' ? { kind: 'bce' } : { kind: 'cross_entropy' } },
    { weight: 0.5, loss: { kind: 'dice', smooth: 1, squared: false, batch: true, background: true } },
  ];
  return { loss, optimizer: { kind: 'adam', lr: STANDARD_RATE, weight_decay: 0 }, batch: STANDARD_BATCH };
}

/** How a loss takes the logits of a network: a softmax where nothing follows them. */
export function headOf({ head }: NetworkSpec): 'softmax' | 'sigmoid' {
  return head.value.kind === 'sigmoid' ? 'sigmoid' : 'softmax';
}
