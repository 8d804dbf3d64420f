import { elementCount } from '../../ir/parameter.js';
import { at, type Rule } from '../rule.js';
import type { StepBuilder } from '../step/step-builder.js';
import type { StepValue } from '../step/step-value.js';

/** (N, C, ...spatial) as (N, heads, d, P): the channels of each head over all positions. */
function perHead(builder: StepBuilder, x: StepValue, heads: number): StepValue {
  const [batch = 1, channels = 1, ...spatial] = x.shape;
  return builder.reshape(x, [batch, heads, channels / heads, elementCount(spatial)]);
}

/**
 * With q, k, v of shape (d, P) a head: w = softmax(q^T k / sqrt(d)) over its rows, and the output o = v w^T. So
 * dv = do w, dw = do^T v, and through the softmax ds = w (dw - sum(w dw)), dq = k ds^T / sqrt(d), dk = q ds / sqrt(d).
 */
export const attention: Rule<'attention'> = {
  forward({ node, inputs, shape, builder }) {
    const { heads } = node.attributes;
    const [q, k, v] = inputs.map((input) => perHead(builder, input, heads));
    if (!q || !k || !v) throw new Error('attention takes a query, a key and a value');
    const depth = q.shape[2] ?? 1;
    const scores = builder.matMul(builder.transposed(builder.times(q, 1 / Math.sqrt(depth))), k);
    const weights = builder.unary('Softmax', scores, { axis: { int: -1 } });
    const attended = builder.matMul(v, builder.transposed(weights));
    return { output: builder.reshape(attended, shape), saved: [weights] };
  },
  backward({ node, inputs, saved, dy, builder }) {
    const { heads } = node.attributes;
    const [q, k, v] = inputs.map((input) => perHead(builder, input, heads));
    if (!q || !k || !v) throw new Error('attention takes a query, a key and a value');
    const weights = at(saved, 0);
    const factor = 1 / Math.sqrt(q.shape[2] ?? 1);
    const byOutput = perHead(builder, dy, heads);
    const byValue = builder.matMul(byOutput, weights);
    const byWeights = builder.matMul(builder.transposed(byOutput), v);
    const shared = builder.sum(builder.mul(weights, byWeights), [3]);
    const byScores = builder.times(builder.mul(weights, builder.sub(byWeights, shared)), factor);
    const byQuery = builder.matMul(k, builder.transposed(byScores));
    const byKey = builder.matMul(q, byScores);
    return {
      inputs: [byQuery, byKey, byValue].map((gradient, i) => builder.reshape(gradient, at(inputs, i).shape)),
    };
  },
};

/** The table is added to each sample. */
export const positions: Rule<'positions'> = {
  backward({ dy, builder, parameter }) {
    const table = parameter('position');
    if (!table) throw new Error('positions have a table');
    return { inputs: [dy], parameters: { position: builder.sumTo(dy, table.shape) } };
  },
};
