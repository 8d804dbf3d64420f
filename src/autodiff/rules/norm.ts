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
import type { StepBuilder } from '../step/step-builder.js';
import type { StepValue } from '../step/step-value.js';

type NormKind = 'batchNorm' | 'instanceNorm' | 'groupNorm' | 'layerNorm';

/** The shape in which a norm reads its input, and the axes of this shape that it averages over. */
interface View {
  readonly shape: readonly number[];
  readonly axes: readonly number[];
}

/**
 * Forward: y = (x - mean) / sqrt(variance + eps), times scale, plus shift. The gradient needs the normalised values and the
 * factor 1 / sqrt(variance + eps).
 */
function standardised(
  builder: StepBuilder,
  x: StepValue,
  view: View,
  eps: number,
): {
  readonly normal: StepValue;
  readonly factor: StepValue;
  readonly mean: StepValue;
  readonly variance: StepValue;
} {
  const seen = builder.reshape(x, view.shape);
  const mean = builder.mean(seen, view.axes);
  const centred = builder.sub(seen, mean);
  const variance = builder.mean(builder.square(centred), view.axes);
  const factor = builder.unary('Reciprocal', builder.unary('Sqrt', builder.plus(variance, eps)));
  return { normal: builder.mul(centred, factor), factor, mean, variance };
}

function forward(
  step: ForwardStep<NormKind>,
  view: View,
): ForwardResult & { mean: StepValue; variance: StepValue } {
  const { node, inputs, builder, parameter } = step;
  const x = at(inputs, 0);
  const { normal, factor, mean, variance } = standardised(builder, x, view, node.attributes.eps);
  const [scale, shift] = [parameter('scale'), parameter('shift')];
  let output = builder.reshape(normal, x.shape);
  if (scale && shift)
    output = builder.add(builder.mul(output, perChannel(builder, scale, x)), perChannel(builder, shift, x));
  return { output, saved: [normal, factor], mean, variance };
}

/**
 * With y the normalised values and s the factor, dx = s (dy - mean(dy) - y mean(dy y)) (Ioffe & Szegedy 2015,
 * arXiv:1502.03167, section 3).
 */
function backward(step: BackwardStep<NormKind>, view: View): Gradients {
  const { inputs, saved, dy, builder, parameter } = step;
  const x = at(inputs, 0);
  const [normal, factor] = [at(saved, 0), at(saved, 1)];
  const [scale, shift] = [parameter('scale'), parameter('shift')];
  const own = builder.reshape(normal, x.shape);
  const overChannel = [0, ...spatialAxes(x)];
  const product = scale ? builder.mul(dy, own) : undefined;
  const parameters =
    scale && shift && product
      ? {
          scale: builder.reshape(builder.sum(product, overChannel), scale.shape),
          shift: builder.reshape(builder.sum(dy, overChannel), shift.shape),
        }
      : {};
  if (!step.wants(0)) return { inputs: [undefined], parameters };
  const scaled = scale ? builder.mul(dy, perChannel(builder, scale, x)) : dy;
  const seen = builder.reshape(scaled, view.shape);
  const along = builder.mul(normal, builder.mean(builder.mul(seen, normal), view.axes));
  const dx = builder.mul(factor, builder.sub(builder.sub(seen, builder.mean(seen, view.axes)), along));
  return { inputs: [builder.reshape(dx, x.shape)], parameters };
}

/** One number per channel, in a shape that broadcasts over (N, C, ...spatial). */
function perChannel(builder: StepBuilder, value: StepValue, like: StepValue): StepValue {
  return builder.reshape(value, [value.shape[0] ?? 1, ...spatialAxes(like).map(() => 1)]);
}

const batchView = (x: StepValue): View => ({ shape: x.shape, axes: [0, ...spatialAxes(x)] });
const instanceView = (x: StepValue): View => ({ shape: x.shape, axes: spatialAxes(x) });
const layerView = (x: StepValue): View => ({ shape: x.shape, axes: [1] });
const groupView = (x: StepValue, groups: number): View => {
  const [batch = 1, ...inside] = x.shape;
  return { shape: [batch, groups, elementCount(inside) / groups], axes: [2] };
};

/**
 * Uses the statistics of the batch. The running statistics move towards them by the momentum; the variance is taken without
 * its bias, times n / (n - 1), as in PyTorch.
 */
export const batchNorm: Rule<'batchNorm'> = {
  forward(step) {
    const { node, inputs, builder, parameter, update } = step;
    const x = at(inputs, 0);
    const view = batchView(x);
    const result = forward(step, view);
    const count = elementCount(x.shape) / node.channels;
    const moved = (running: StepValue | undefined, batch: StepValue) => {
      if (!running) throw new Error('a batch norm has running statistics');
      const { momentum } = node.attributes;
      return builder.add(
        builder.times(running, 1 - momentum),
        builder.times(builder.reshape(batch, running.shape), momentum),
      );
    };
    update('mean', moved(parameter('mean'), result.mean));
    const unbiased = builder.times(result.variance, count / Math.max(1, count - 1));
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
