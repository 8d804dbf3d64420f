import { elementCount } from '../../ir/parameter.js';
import {
  at,
  type BackwardStep,
  type ForwardResult,
  type ForwardStep,
  type Gradients,
  type Rule,
  spatialAxes,
} from '../rule.js';
import type { Tape, Value } from '../tape.js';

type NormKind = 'batchNorm' | 'instanceNorm' | 'groupNorm' | 'layerNorm';

/** How a norm sees its input: in which shape, and over which axes of it the mean is taken. */
interface View {
  readonly shape: readonly number[];
  readonly axes: readonly number[];
}

/**
 * Forward: y = (x - mean) / sqrt(variance + eps), times scale, plus shift. What the gradient needs, the normalised
 * values and the factor 1 / sqrt(variance + eps), is kept.
 */
function standardised(
  tape: Tape,
  x: Value,
  view: View,
  eps: number,
): { readonly normal: Value; readonly factor: Value; readonly mean: Value; readonly variance: Value } {
  const seen = tape.reshape(x, view.shape);
  const mean = tape.mean(seen, view.axes);
  const centred = tape.sub(seen, mean);
  const variance = tape.mean(tape.square(centred), view.axes);
  const factor = tape.unary('Reciprocal', tape.unary('Sqrt', tape.plus(variance, eps)));
  return { normal: tape.mul(centred, factor), factor, mean, variance };
}

function forward(step: ForwardStep<NormKind>, view: View): ForwardResult & { mean: Value; variance: Value } {
  const { node, inputs, tape, parameter } = step;
  const x = at(inputs, 0);
  const { normal, factor, mean, variance } = standardised(tape, x, view, node.attributes.eps);
  const [scale, shift] = [parameter('scale'), parameter('shift')];
  let output = tape.reshape(normal, x.shape);
  if (scale && shift)
    output = tape.add(tape.mul(output, perChannel(tape, scale, x)), perChannel(tape, shift, x));
  return { output, saved: [normal, factor], mean, variance };
}

/**
 * With y the normalised values and s the factor, dx = s (dy - mean(dy) - y mean(dy y)) (Ioffe & Szegedy 2015,
 * arXiv:1502.03167, section 3).
 */
function backward(step: BackwardStep<NormKind>, view: View): Gradients {
  const { inputs, saved, dy, tape, parameter } = step;
  const x = at(inputs, 0);
  const [normal, factor] = [at(saved, 0), at(saved, 1)];
  const [scale, shift] = [parameter('scale'), parameter('shift')];
  const own = tape.reshape(normal, x.shape);
  const overChannel = [0, ...spatialAxes(x)];
  const product = scale ? tape.mul(dy, own) : undefined;
  const parameters =
    scale && shift && product
      ? {
          scale: tape.reshape(tape.sum(product, overChannel), scale.shape),
          shift: tape.reshape(tape.sum(dy, overChannel), shift.shape),
        }
      : {};
  if (!step.wants(0)) return { inputs: [undefined], parameters };
  const scaled = scale ? tape.mul(dy, perChannel(tape, scale, x)) : dy;
  const seen = tape.reshape(scaled, view.shape);
  const along = tape.mul(normal, tape.mean(tape.mul(seen, normal), view.axes));
  const dx = tape.mul(factor, tape.sub(tape.sub(seen, tape.mean(seen, view.axes)), along));
  return { inputs: [tape.reshape(dx, x.shape)], parameters };
}

/** A number a channel in a shape that broadcasts over (N, C, ...spatial). */
function perChannel(tape: Tape, value: Value, like: Value): Value {
  return tape.reshape(value, [value.shape[0] ?? 1, ...spatialAxes(like).map(() => 1)]);
}

const batchView = (x: Value): View => ({ shape: x.shape, axes: [0, ...spatialAxes(x)] });
const instanceView = (x: Value): View => ({ shape: x.shape, axes: spatialAxes(x) });
const layerView = (x: Value): View => ({ shape: x.shape, axes: [1] });
const groupView = (x: Value, groups: number): View => {
  const [batch = 1, ...inside] = x.shape;
  return { shape: [batch, groups, elementCount(inside) / groups], axes: [2] };
};

/**
 * With the statistics of the batch. The running ones move towards them by the momentum, the variance without its bias:
 * times n / (n - 1), as PyTorch has it.
 */
export const batchNorm: Rule<'batchNorm'> = {
  forward(step) {
    const { node, inputs, tape, parameter, update } = step;
    const x = at(inputs, 0);
    const view = batchView(x);
    const result = forward(step, view);
    const count = elementCount(x.shape) / node.channels;
    const moved = (running: Value | undefined, batch: Value) => {
      if (!running) throw new Error('a batch norm has running statistics');
      const { momentum } = node.attributes;
      return tape.add(
        tape.times(running, 1 - momentum),
        tape.times(tape.reshape(batch, running.shape), momentum),
      );
    };
    update('mean', moved(parameter('mean'), result.mean));
    const unbiased = tape.times(result.variance, count / Math.max(1, count - 1));
    update('variance', moved(parameter('variance'), unbiased));
    return result;
  },
  backward: (step) => backward(step, batchView(at(step.inputs, 0))),
};

export const instanceNorm: Rule<'instanceNorm'> = {
  forward: (step) => forward(step, instanceView(at(step.inputs, 0))),
  backward: (step) => backward(step, instanceView(at(step.inputs, 0))),
};

export const groupNorm: Rule<'groupNorm'> = {
  forward: (step) => forward(step, groupView(at(step.inputs, 0), step.node.attributes.groups)),
  backward: (step) => backward(step, groupView(at(step.inputs, 0), step.node.attributes.groups)),
};

export const layerNorm: Rule<'layerNorm'> = {
  forward: (step) => forward(step, layerView(at(step.inputs, 0))),
  backward: (step) => backward(step, layerView(at(step.inputs, 0))),
};
