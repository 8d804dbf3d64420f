import type { Parameter } from '../../ir/parameter.js';
import { BETA1, BETA2, type OptimizerSetting } from './optimizer-setting.js';
import type { StepBuilder } from './step-builder.js';
import type { StateTensor } from './step-tensors.js';
import type { StepValue } from './step-value.js';

/** What changes from step to step: inputs of the graph, scalars of shape []. */
export interface StepScalars {
  /** The learning rate of this step. */
  readonly rate: StepValue;
  /** Adam: 1 / (1 - beta1^t) and 1 / (1 - beta2^t) in step t, counted from 1; other optimizers do not read them. */
  readonly firstCorrection: StepValue;
  readonly secondCorrection: StepValue;
}

/** The new values of a parameter and of its state tensors. */
export interface Updated {
  readonly value: StepValue;
  readonly state: readonly StepValue[];
}

const EPS = 1e-8;

/** The names of the tensors that an optimizer keeps for each parameter. */
function stateRoles(setting: OptimizerSetting): readonly string[] {
  switch (setting.kind) {
    case 'sgd':
      return setting.momentum === 0 ? [] : ['momentum'];
    case 'adam':
    case 'adamw':
      return ['first_moment', 'second_moment'];
    default:
      return setting satisfies never;
  }
}

/** The state tensors of parameters, in the order of the parameters. */
export function stateOf(setting: OptimizerSetting, parameters: readonly Parameter[]): readonly StateTensor[] {
  return parameters.flatMap((parameter) =>
    stateRoles(setting).map((role) => ({ name: `${parameter.name}/${role}`, parameter })),
  );
}

/**
 * Updates a parameter as PyTorch does.
 *
 * - sgd: g += decay p; b = momentum b + g; p -= rate b, or with Nesterov p -= rate (g + momentum b) (Sutskever et al.
 *   2013, in the form of PyTorch).
 * - adam: g += decay p; then Kingma & Ba 2014, algorithm 1.
 * - adamw: p -= rate decay p first, apart from the moments (Loshchilov & Hutter 2017, arXiv:1711.05101, algorithm 2).
 */
export function updated(
  builder: StepBuilder,
  setting: OptimizerSetting,
  parameter: StepValue,
  gradient: StepValue,
  state: readonly StepValue[],
  scalars: StepScalars,
): Updated {
  const decay = setting.weight_decay;
  const decayed =
    decay === 0 || setting.kind === 'adamw'
      ? gradient
      : builder.add(gradient, builder.times(parameter, decay));
  switch (setting.kind) {
    case 'sgd': {
      const [before] = state;
      if (!before) return { value: builder.sub(parameter, builder.mul(decayed, scalars.rate)), state: [] };
      const momentum = builder.add(builder.times(before, setting.momentum), decayed);
      const change = setting.nesterov
        ? builder.add(decayed, builder.times(momentum, setting.momentum))
        : momentum;
      return { value: builder.sub(parameter, builder.mul(change, scalars.rate)), state: [momentum] };
    }
    case 'adam':
    case 'adamw': {
      const [first, second] = state;
      if (!first || !second) throw new Error('Adam keeps two moments');
      const m = builder.add(builder.times(first, BETA1), builder.times(decayed, 1 - BETA1));
      const v = builder.add(builder.times(second, BETA2), builder.times(builder.square(decayed), 1 - BETA2));
      const deviation = builder.plus(builder.unary('Sqrt', builder.mul(v, scalars.secondCorrection)), EPS);
      const rate = builder.once('rate of the first moment', () =>
        builder.mul(scalars.rate, scalars.firstCorrection),
      );
      const change = builder.div(builder.mul(m, rate), deviation);
      const kept =
        setting.kind === 'adamw' && decay !== 0
          ? builder.mul(
              parameter,
              builder.once('remaining after decay', () =>
                builder.sub(builder.scalar(1), builder.times(scalars.rate, decay)),
              ),
            )
          : parameter;
      return { value: builder.sub(kept, change), state: [m, v] };
    }
    default:
      return setting satisfies never;
  }
}

/** All gradients times min(1, limit / norm), with the norm of all gradients together (Pascanu et al. 2012, arXiv:1211.5063). */
export function clipped<K>(
  builder: StepBuilder,
  gradients: ReadonlyMap<K, StepValue>,
  limit: number,
): ReadonlyMap<K, StepValue> {
  const squares = [...gradients.values()].map((gradient) => {
    const axes = gradient.shape.map((_, axis) => axis);
    return builder.reshape(builder.sum(builder.square(gradient), axes), []);
  });
  const [first, ...others] = squares;
  if (!first) return gradients;
  const norm = builder.unary(
    'Sqrt',
    others.reduce((sum, square) => builder.add(sum, square), first),
  );
  // The 1e-6 prevents a division by 0, as in PyTorch.
  const factor = builder.op(
    'Min',
    [builder.scalar(1), builder.div(builder.scalar(limit), builder.plus(norm, 1e-6))],
    [],
  );
  return new Map([...gradients].map(([key, gradient]) => [key, builder.mul(gradient, factor)]));
}
