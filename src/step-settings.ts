import { lossProblems } from './autodiff/losses/loss-problems.js';
import type { OptimizerSetting } from './autodiff/optimizer-setting.js';
import { normsOfOne } from './check-norms.js';
import type { CompiledNetwork } from './compile.js';
import type { NetworkSpec } from './semantics/network-spec.js';
import { STANDARD_BATCH } from './semantics/recipe-attributes.js';
import type { LossTerm, RecipeSpec, RecipeValues } from './semantics/recipes.js';
import { fits, nearestSizes } from './shape/admissible.js';

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
    patch: options.patch ?? values.patch ?? network.facts.spatial(0),
    clip: options.clip ?? values.clip,
  };
}

/** What is taken where a recipe says nothing. */
export function standardRecipe(
  spec: NetworkSpec,
): Required<Pick<RecipeValues, 'loss' | 'optimizer' | 'batch'>> {
  // Half of it for each position, half for the overlap.
  const loss: readonly LossTerm[] = [
    { weight: 0.5, loss: headOf(spec) === 'sigmoid' ? { kind: 'bce' } : { kind: 'cross_entropy' } },
    { weight: 0.5, loss: { kind: 'dice', smooth: 1, squared: false, batch: true, background: true } },
  ];
  return { loss, optimizer: { kind: 'adam', lr: 1e-3, weight_decay: 0 }, batch: STANDARD_BATCH };
}

/** How a loss takes the logits of a network: a softmax where nothing follows them. */
export function headOf({ head }: NetworkSpec): 'softmax' | 'sigmoid' {
  return head.value.kind === 'sigmoid' ? 'sigmoid' : 'softmax';
}

/** Why no training step can be made. */
export interface StepProblem {
  readonly kind: 'loss' | 'patch' | 'batch' | 'clip' | 'norm';
  /** One sentence for people. */
  readonly message: string;
}

/** What is wrong with settings for a network: empty where a step can be made. */
export function stepProblems(network: CompiledNetwork, settings: StepSettings): readonly StepProblem[] {
  const { spec, axes, graph, name } = network;
  const { loss, patch, batch, clip } = settings;
  const problems: StepProblem[] = lossProblems(loss, headOf(spec), spec.classes.value).map(({ message }) => ({
    kind: 'loss',
    message,
  }));
  if (loss.length === 0) problems.push({ kind: 'loss', message: 'the loss has no term' });
  if (patch.length !== graph.rank) {
    const message = `a patch of ${name} has ${graph.rank} sizes, not ${patch.length}`;
    problems.push({ kind: 'patch', message });
  } else {
    for (const [i, axis] of axes.entries()) {
      const size = patch[i] ?? 0;
      if (Number.isInteger(size) && fits(axis, size)) continue;
      const { below, above } = nearestSizes(axis, size);
      const near = [below, above].filter((one) => one !== undefined).join(', ');
      problems.push({
        kind: 'patch',
        message: `${axis.axis} = ${size} does not fit ${name}; nearest that fit: ${near}`,
      });
    }
  }
  if (!(Number.isSafeInteger(batch) && batch >= 1)) {
    problems.push({ kind: 'batch', message: `a batch is a whole number of patches from 1, not ${batch}` });
  }
  if (clip !== undefined && !(clip >= 0)) {
    problems.push({ kind: 'clip', message: `clip is a norm from 0, not ${clip}` });
  }
  const [norm] = problems.length === 0 ? normsOfOne(network.training, patch, batch) : [];
  if (norm) {
    const message = `${norm.path} gets a single value of each channel from a patch of ${patch.join(' x ')}: take a larger patch, or a larger batch`;
    problems.push({ kind: 'norm', message });
  }
  return problems;
}
