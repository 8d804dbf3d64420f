import { sinusoidFrequencies } from '../../ir/sinusoid.js';
import { at, type Rule, spatialAxes } from '../rule.js';
import { broadcast, type Tape, type Value } from '../tape.js';

/** 1 where x is above 0, else 0. */
function step(tape: Tape, x: Value): Value {
  const positive = tape.op('Greater', [x, tape.scalar(0)], x.shape);
  return tape.op('Cast', [positive], x.shape, { to: { int: 1 } });
}

/** The output is 0 or above, so that its sign is the slope. */
export const relu: Rule<'relu'> = {
  backward: ({ output, dy, tape }) => ({ inputs: [tape.mul(dy, tape.unary('Sign', output))] }),
};

/** The output has the sign of the input. */
export const leakyRelu: Rule<'leakyRelu'> = {
  backward({ node, output, dy, tape }) {
    const { slope } = node.attributes;
    const factor = tape.plus(tape.times(step(tape, output), 1 - slope), slope);
    return { inputs: [tape.mul(dy, factor)] };
  },
};

/** Of each slope the gradient is the sum over the negative inputs, of all samples and positions. */
export const prelu: Rule<'prelu'> = {
  forward({ inputs, shape, tape, parameter }) {
    const x = at(inputs, 0);
    return { output: tape.op('PRelu', [x, slopeOf(tape, parameter('slope'), x)], shape) };
  },
  backward({ inputs, dy, tape, parameter }) {
    const x = at(inputs, 0);
    const slope = parameter('slope');
    const perChannel = slopeOf(tape, slope, x);
    const positive = step(tape, x);
    const negative = tape.sub(tape.scalar(1), positive);
    const factor = tape.add(positive, tape.mul(negative, perChannel));
    const share = tape.mul(tape.mul(dy, x), negative);
    return {
      inputs: [tape.mul(dy, factor)],
      parameters: { slope: tape.reshape(tape.sumTo(share, perChannel.shape), [perChannel.shape[0] ?? 1]) },
    };
  },
};

/** The slopes in a shape that broadcasts over (N, C, ...spatial). */
function slopeOf(tape: Tape, slope: Value | undefined, x: Value): Value {
  if (!slope) throw new Error('a PReLU has a slope');
  return tape.reshape(slope, [slope.shape[0] ?? 1, ...spatialAxes(x).map(() => 1)]);
}

/** y + alpha is the slope where the input is negative, and the output with it. */
export const elu: Rule<'elu'> = {
  backward({ node, output, dy, tape }) {
    const positive = step(tape, output);
    const below = tape.plus(
      tape.unary('Neg', tape.unary('Relu', tape.unary('Neg', output))),
      node.attributes.alpha,
    );
    // Above 0 `below` is alpha, which is replaced by 1.
    const factor = tape.add(below, tape.times(positive, 1 - node.attributes.alpha));
    return { inputs: [tape.mul(dy, factor)] };
  },
};

/** Phi(x) + x phi(x), with the normal distribution and its density. */
export const gelu: Rule<'gelu'> = {
  backward({ inputs, dy, tape }) {
    const x = at(inputs, 0);
    const distribution = tape.times(tape.plus(tape.unary('Erf', tape.times(x, Math.SQRT1_2)), 1), 0.5);
    const density = tape.times(
      tape.unary('Exp', tape.times(tape.square(x), -0.5)),
      1 / Math.sqrt(2 * Math.PI),
    );
    return { inputs: [tape.mul(dy, tape.add(distribution, tape.mul(x, density)))] };
  },
};

/** s (1 + x (1 - s)), with s the sigmoid of x. */
export const silu: Rule<'silu'> = {
  backward({ inputs, dy, tape }) {
    const x = at(inputs, 0);
    const s = tape.unary('Sigmoid', x);
    const rest = tape.plus(tape.mul(x, tape.sub(tape.scalar(1), s)), 1);
    return { inputs: [tape.mul(dy, tape.mul(s, rest))] };
  },
};

export const sigmoid: Rule<'sigmoid'> = {
  backward({ output, dy, tape }) {
    const slope = tape.mul(output, tape.sub(tape.scalar(1), output));
    return { inputs: [tape.mul(dy, slope)] };
  },
};

/** y (dy - sum over the channels of y dy). */
export const softmax: Rule<'softmax'> = {
  backward({ output, dy, tape }) {
    const shared = tape.sum(tape.mul(output, dy), [1]);
    return { inputs: [tape.mul(output, tape.sub(dy, shared))] };
  },
};

/** The random factors are 0, or 1 / (1 - rate): they are an input of the step. */
export const dropout: Rule<'dropout'> = {
  forward({ inputs, tape, mask }) {
    const factors = mask();
    return { output: tape.mul(at(inputs, 0), factors), saved: [factors] };
  },
  backward: ({ saved, dy, tape }) => ({ inputs: [tape.mul(dy, at(saved, 0))] }),
};

/** A second input of one position has a share in every position. */
export const add: Rule<'add'> = {
  backward: ({ inputs, dy, tape }) => ({ inputs: inputs.map((input) => tape.sumTo(dy, input.shape)) }),
};

export const mul: Rule<'mul'> = {
  backward({ inputs, dy, tape, wants }) {
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    broadcast(a.shape, b.shape);
    return {
      inputs: [
        wants(0) ? tape.sumTo(tape.mul(dy, b), a.shape) : undefined,
        wants(1) ? tape.sumTo(tape.mul(dy, a), b.shape) : undefined,
      ],
    };
  },
};

export const concat: Rule<'concat'> = {
  backward: ({ inputs, dy, tape }) => ({
    inputs: tape.split(
      dy,
      1,
      inputs.map(({ shape }) => shape[1] ?? 0),
    ),
  }),
};

/** The derivative of a sine is the cosine, which is the other half of the output. */
export const sinusoid: Rule<'sinusoid'> = {
  backward({ node, output, dy, tape }) {
    const half = node.attributes.channels / 2;
    const frequencies = sinusoidFrequencies(node.attributes);
    const [sines, cosines] = tape.split(output, 1, [half, half]);
    const [bySine, byCosine] = tape.split(dy, 1, [half, half]);
    if (!sines || !cosines || !bySine || !byCosine) throw new Error('a sinusoid has two halves');
    const turned = tape.sub(tape.mul(bySine, cosines), tape.mul(byCosine, sines));
    const factors = tape.floats(frequencies, [half, ...spatialAxes(output).map(() => 1)]);
    return { inputs: [tape.sum(tape.mul(turned, factors), [1])] };
  },
};
