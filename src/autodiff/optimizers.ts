import type { Parameter } from '../ir/parameter.js';
import { BETA1, BETA2 } from './adam.js';
import type { OptimizerSetting } from './optimizer-setting.js';
import type { StateTensor } from './step-tensors.js';
import type { Tape, Value } from './tape.js';

/** What changes from step to step, as inputs of the graph: scalars, shape []. */
export interface StepScalars {
  /** The learning rate of this step. */
  readonly rate: Value;
  /** Adam: 1 / (1 - beta1^t) and 1 / (1 - beta2^t), for step t from 1 on; 1 in the others. */
  readonly firstCorrection: Value;
  readonly secondCorrection: Value;
}

/** One parameter's way through a step: its new value, and that of each of its state tensors. */
export interface Updated {
  readonly value: Value;
  readonly state: readonly Value[];
}

const EPS = 1e-8;

/** The names of what an optimizer keeps a parameter. */
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

/** The state tensors of parameters, in their order. */
export function stateOf(setting: OptimizerSetting, parameters: readonly Parameter[]): readonly StateTensor[] {
  return parameters.flatMap((parameter) =>
    stateRoles(setting).map((role) => ({ name: `${parameter.name}/${role}`, parameter })),
  );
}

/**
 * A parameter after a step, as PyTorch computes it.
 *
 * - sgd: g += decay p; b = momentum b + g; p -= rate b, or with Nesterov p -= rate (g + momentum b) (Sutskever et al.
 *   2013, in the form of PyTorch).
 * - adam: g += decay p; then Kingma & Ba 2014, algorithm 1.
 * - adamw: p -= rate decay p first, apart from the moments (Loshchilov & Hutter 2017, arXiv:1711.05101, algorithm 2).
 */
export function updated(
  tape: Tape,
  setting: OptimizerSetting,
  parameter: Value,
  gradient: Value,
  state: readonly Value[],
  scalars: StepScalars,
): Updated {
  const decay = setting.weight_decay;
  const decayed =
    decay === 0 || setting.kind === 'adamw' ? gradient : tape.add(gradient, tape.times(parameter, decay));
  switch (setting.kind) {
    case 'sgd': {
      const [before] = state;
      if (!before) return { value: tape.sub(parameter, tape.mul(decayed, scalars.rate)), state: [] };
      const momentum = tape.add(tape.times(before, setting.momentum), decayed);
      const way = setting.nesterov ? tape.add(decayed, tape.times(momentum, setting.momentum)) : momentum;
      return { value: tape.sub(parameter, tape.mul(way, scalars.rate)), state: [momentum] };
    }
    case 'adam':
    case 'adamw': {
      const [first, second] = state;
      if (!first || !second) throw new Error('Adam keeps two moments');
      const m = tape.add(tape.times(first, BETA1), tape.times(decayed, 1 - BETA1));
      const v = tape.add(tape.times(second, BETA2), tape.times(tape.square(decayed), 1 - BETA2));
      const deviation = tape.plus(tape.unary('Sqrt', tape.mul(v, scalars.secondCorrection)), EPS);
      const rate = tape.once('rate of the first moment', () =>
        tape.mul(scalars.rate, scalars.firstCorrection),
      );
      const way = tape.div(tape.mul(m, rate), deviation);
      const kept =
        setting.kind === 'adamw' && decay !== 0
          ? tape.mul(
              parameter,
              tape.once('what decay leaves', () => tape.sub(tape.scalar(1), tape.times(scalars.rate, decay))),
            )
          : parameter;
      return { value: tape.sub(kept, way), state: [m, v] };
    }
    default:
      return setting satisfies never;
  }
}

/** All gradients times min(1, limit / norm), with the norm over all of them (Pascanu et al. 2012, arXiv:1211.5063). */
export function clipped<K>(
  tape: Tape,
  gradients: ReadonlyMap<K, Value>,
  limit: number,
): ReadonlyMap<K, Value> {
  const squares = [...gradients.values()].map((gradient) => {
    const axes = gradient.shape.map((_, axis) => axis);
    return tape.reshape(tape.sum(tape.square(gradient), axes), []);
  });
  const [first, ...others] = squares;
  if (!first) return gradients;
  const norm = tape.unary(
    'Sqrt',
    others.reduce((sum, square) => tape.add(sum, square), first),
  );
  // As PyTorch has it, with 1e-6 against a division by 0.
  const factor = tape.op('Min', [tape.scalar(1), tape.div(tape.scalar(limit), tape.plus(norm, 1e-6))], []);
  return new Map([...gradients].map(([key, gradient]) => [key, tape.mul(gradient, factor)]));
}
