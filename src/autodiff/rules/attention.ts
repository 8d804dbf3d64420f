import { elementCount } from '../../ir/parameter.js';
import { at, type Rule } from '../rule.js';
import type { Tape, Value } from '../tape.js';

/** (N, C, ...spatial) as (N, heads, d, P): each head's channels over all positions. */
function perHead(tape: Tape, x: Value, heads: number): Value {
  const [batch = 1, channels = 1, ...spatial] = x.shape;
  return tape.reshape(x, [batch, heads, channels / heads, elementCount(spatial)]);
}

/**
 * With q, k, v of shape (d, P) a head: w = softmax(q^T k / sqrt(d)) over its rows, and the output o = v w^T. So
 * dv = do w, dw = do^T v, and through the softmax ds = w (dw - sum(w dw)), dq = k ds^T / sqrt(d), dk = q ds / sqrt(d).
 */
export const attention: Rule<'attention'> = {
  forward({ node, inputs, shape, tape }) {
    const { heads } = node.attributes;
    const [q, k, v] = inputs.map((input) => perHead(tape, input, heads));
    if (!q || !k || !v) throw new Error('attention takes a query, a key and a value');
    const depth = q.shape[2] ?? 1;
    const scores = tape.matMul(tape.transposed(tape.times(q, 1 / Math.sqrt(depth))), k);
    const weights = tape.unary('Softmax', scores, { axis: { int: -1 } });
    const attended = tape.matMul(v, tape.transposed(weights));
    return { output: tape.reshape(attended, shape), saved: [weights] };
  },
  backward({ node, inputs, saved, dy, tape }) {
    const { heads } = node.attributes;
    const [q, k, v] = inputs.map((input) => perHead(tape, input, heads));
    if (!q || !k || !v) throw new Error('attention takes a query, a key and a value');
    const weights = at(saved, 0);
    const factor = 1 / Math.sqrt(q.shape[2] ?? 1);
    const byOutput = perHead(tape, dy, heads);
    const byValue = tape.matMul(byOutput, weights);
    const byWeights = tape.matMul(tape.transposed(byOutput), v);
    const shared = tape.sum(tape.mul(weights, byWeights), [3]);
    const byScores = tape.times(tape.mul(weights, tape.sub(byWeights, shared)), factor);
    const byQuery = tape.matMul(k, tape.transposed(byScores));
    const byKey = tape.matMul(q, byScores);
    return {
      inputs: [byQuery, byKey, byValue].map((gradient, i) => tape.reshape(gradient, at(inputs, i).shape)),
    };
  },
};

/** The table has a share in each sample. */
export const positions: Rule<'positions'> = {
  backward({ dy, tape, parameter }) {
    const table = parameter('position');
    if (!table) throw new Error('positions have a table');
    return { inputs: [dy], parameters: { position: tape.sumTo(dy, table.shape) } };
  },
};
