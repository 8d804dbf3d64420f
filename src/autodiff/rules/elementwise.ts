import { sinusoidFrequencies } from '../../ir/sinusoid.js';
import { at, type Rule, spatialAxes } from '../rule.js';
import { broadcast, type StepBuilder } from '../step/step-builder.js';
import type { StepValue } from '../step/step-value.js';

/** 1 where x is above 0, else 0. */
function isPositive(builder: StepBuilder, x: StepValue): StepValue {
  const positive = builder.op('Greater', [x, builder.scalar(0)], x.shape);
  return builder.op('Cast', [positive], x.shape, { to: { int: 1 } });
}

/** The output is 0 or above, so its sign is the slope. */
export const relu: Rule<'relu'> = {
  backward: ({ output, dy, builder }) => ({ inputs: [builder.mul(dy, builder.unary('Sign', output))] }),
};

/** The output has the sign of the input. */
export const leakyRelu: Rule<'leakyRelu'> = {
  backward({ node, output, dy, builder }) {
    const { slope } = node.attributes;
    const factor = builder.plus(builder.times(isPositive(builder, output), 1 - slope), slope);
    return { inputs: [builder.mul(dy, factor)] };
  },
};

/** The gradient by each slope is the sum over the negative inputs of all samples and positions. */
export const prelu: Rule<'prelu'> = {
  forward({ inputs, shape, builder, parameter }) {
    const x = at(inputs, 0);
    return { output: builder.op('PRelu', [x, slopeOf(builder, parameter('slope'), x)], shape) };
  },
  backward({ inputs, dy, builder, parameter }) {
    const x = at(inputs, 0);
    const slope = parameter('slope');
    const perChannel = slopeOf(builder, slope, x);
    const positive = isPositive(builder, x);
    const negative = builder.sub(builder.scalar(1), positive);
    const factor = builder.add(positive, builder.mul(negative, perChannel));
    const share = builder.mul(builder.mul(dy, x), negative);
    return {
      inputs: [builder.mul(dy, factor)],
      parameters: {
        slope: builder.reshape(builder.sumTo(share, perChannel.shape), [perChannel.shape[0] ?? 1]),
      },
    };
  },
};

/** The slopes in a shape that broadcasts over (N, C, ...spatial). */
function slopeOf(builder: StepBuilder, slope: StepValue | undefined, x: StepValue): StepValue {
  if (!slope) throw new Error('a PReLU has a slope');
  return builder.reshape(slope, [slope.shape[0] ?? 1, ...spatialAxes(x).map(() => 1)]);
}

/** Where the input is negative, so is the output, and the slope is y + alpha. */
export const elu: Rule<'elu'> = {
  backward({ node, output, dy, builder }) {
    const positive = isPositive(builder, output);
    const below = builder.plus(
      builder.unary('Neg', builder.unary('Relu', builder.unary('Neg', output))),
      node.attributes.alpha,
    );
    // Above 0, `below` is alpha, which the next line replaces by 1.
    const factor = builder.add(below, builder.times(positive, 1 - node.attributes.alpha));
    return { inputs: [builder.mul(dy, factor)] };
  },
};

/** Phi(x) + x phi(x), with the normal distribution and its density. */
export const gelu: Rule<'gelu'> = {
  backward({ inputs, dy, builder }) {
    const x = at(inputs, 0);
    const distribution = builder.times(
      builder.plus(builder.unary('Erf', builder.times(x, Math.SQRT1_2)), 1),
      0.5,
    );
    const density = builder.times(
      builder.unary('Exp', builder.times(builder.square(x), -0.5)),
      1 / Math.sqrt(2 * Math.PI),
    );
    return { inputs: [builder.mul(dy, builder.add(distribution, builder.mul(x, density)))] };
  },
};

/** s (1 + x (1 - s)), with s the sigmoid of x. */
export const silu: Rule<'silu'> = {
  backward({ inputs, dy, builder }) {
    const x = at(inputs, 0);
    const s = builder.unary('Sigmoid', x);
    const rest = builder.plus(builder.mul(x, builder.sub(builder.scalar(1), s)), 1);
    return { inputs: [builder.mul(dy, builder.mul(s, rest))] };
  },
};

export const sigmoid: Rule<'sigmoid'> = {
  backward({ output, dy, builder }) {
    const slope = builder.mul(output, builder.sub(builder.scalar(1), output));
    return { inputs: [builder.mul(dy, slope)] };
  },
};

/** y (dy - sum over the channels of y dy). */
export const softmax: Rule<'softmax'> = {
  backward({ output, dy, builder }) {
    const shared = builder.sum(builder.mul(output, dy), [1]);
    return { inputs: [builder.mul(output, builder.sub(dy, shared))] };
  },
};

/** The random factors, 0 or 1 / (1 - rate), are an input of the step. */
export const dropout: Rule<'dropout'> = {
  forward({ inputs, builder, mask }) {
    const factors = mask();
    return { output: builder.mul(at(inputs, 0), factors), saved: [factors] };
  },
  backward: ({ saved, dy, builder }) => ({ inputs: [builder.mul(dy, at(saved, 0))] }),
};

/** An input of one position is added to every position. */
export const add: Rule<'add'> = {
  backward: ({ inputs, dy, builder }) => ({ inputs: inputs.map((input) => builder.sumTo(dy, input.shape)) }),
};

export const mul: Rule<'mul'> = {
  backward({ inputs, dy, builder, wants }) {
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    broadcast(a.shape, b.shape);
    return {
      inputs: [
        wants(0) ? builder.sumTo(builder.mul(dy, b), a.shape) : undefined,
        wants(1) ? builder.sumTo(builder.mul(dy, a), b.shape) : undefined,
      ],
    };
  },
};

export const concat: Rule<'concat'> = {
  backward: ({ inputs, dy, builder }) => ({
    inputs: builder.split(
      dy,
      1,
      inputs.map(({ shape }) => shape[1] ?? 0),
    ),
  }),
};

/** The derivative of a sine is the cosine, which is the other half of the output. */
export const sinusoid: Rule<'sinusoid'> = {
  backward({ node, output, dy, builder }) {
    const half = node.attributes.channels / 2;
    const frequencies = sinusoidFrequencies(node.attributes);
    const [sines, cosines] = builder.split(output, 1, [half, half]);
    const [bySine, byCosine] = builder.split(dy, 1, [half, half]);
    if (!sines || !cosines || !bySine || !byCosine) throw new Error('a sinusoid has two halves');
    const turned = builder.sub(builder.mul(bySine, cosines), builder.mul(byCosine, sines));
    const factors = builder.floats(frequencies, [half, ...spatialAxes(output).map(() => 1)]);
    return { inputs: [builder.sum(builder.mul(turned, factors), [1])] };
  },
};
