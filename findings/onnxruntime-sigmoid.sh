#!/usr/bin/env bash
# Version: onnxruntime-node 1.30.0, CPU execution provider, x86-64, Node 20.20.2.
#
# Behaviour: Sigmoid of float32 has a small absolute error but a large relative one. At -15 it is 17 % too large, at
# -17 it is more than twice the true value, and at -18 and below it is exactly 0. The true value at -18 is 1.5e-8,
# which float32 holds easily. The cross-entropy of a foreground pixel, -log(sigmoid(x)), is therefore infinite for a
# logit of -18, where 18 is right. Sigmoid of float64 has the same fault further down: it is 0.1 % off at -30 and 0 at
# -80. The formula 1 / (1 + exp(-x)), composed of float32 nodes, is right for all these inputs on the same engine.
#
# Output seen:
#   onnxruntime-node 1.30.0: Sigmoid is 0 where its value is small
#   x             Sigmoid f32   Sigmoid f64   composed f32  Math.exp      -log f32      Math.exp
#   -5            0.00669292    0.00669285    0.00669285    0.00669285    5.00671       5.00672
#   -10           0.0000453889  0.0000453979  0.0000453979  0.0000453979  10.0002       10
#   -15           3.57628e-7    3.05902e-7    3.05902e-7    3.05902e-7    14.8438       15
#   -17           8.9407e-8     4.13994e-8    4.13994e-8    4.13994e-8    16.2301       17
#   -18           0             1.523e-8      1.523e-8      1.523e-8      Infinity      18
#   -30           0             9.34808e-14   9.35762e-14   9.35762e-14   Infinity      30
#   -80           0             0             1.80485e-35   1.80485e-35   Infinity      80
#
# Right values: "Math.exp", 1 / (1 + Math.exp(-x)) and log(1 + Math.exp(-x)) in float64.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error \
  onnxruntime-node@1.30.0 onnx-proto@8.0.1 >/dev/null

cat >finding.cjs <<'JS'
const ort = require('onnxruntime-node');
const { onnx } = require('onnx-proto');

const { FLOAT, DOUBLE } = onnx.TensorProto.DataType;
const inputs = [-5, -10, -15, -17, -18, -30, -80];
const shape = [inputs.length];

function value(name, elemType) {
  return { name, type: { tensorType: { elemType, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } } };
}

/** The output y of a model whose nodes are [op, inputs, output], for the inputs x. */
async function run(nodes, { elemType = FLOAT, initializer = [] } = {}) {
  const model = onnx.ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'finding',
      node: nodes.map(([opType, input, output]) => ({ opType, input, output: [output] })),
      input: [value('x', elemType)],
      output: [value('y', elemType)],
      initializer,
    },
  });
  const session = await ort.InferenceSession.create(onnx.ModelProto.encode(model).finish());
  const x =
    elemType === DOUBLE
      ? new ort.Tensor('float64', Float64Array.from(inputs), shape)
      : new ort.Tensor('float32', Float32Array.from(inputs), shape);
  const { y } = await session.run({ x });
  return [...y.data];
}

async function main() {
  console.log(`onnxruntime-node ${require('onnxruntime-node/package.json').version}: Sigmoid is 0 where its value is small`);
  const single = await run([['Sigmoid', ['x'], 'y']]);
  const double = await run([['Sigmoid', ['x'], 'y']], { elemType: DOUBLE });
  const composed = await run(
    [
      ['Neg', ['x'], 'negative'],
      ['Exp', ['negative'], 'exp'],
      ['Add', ['exp', 'one'], 'sum'],
      ['Reciprocal', ['sum'], 'y'],
    ],
    { initializer: [{ name: 'one', dataType: FLOAT, dims: [], floatData: [1] }] },
  );
  const entropy = await run([
    ['Sigmoid', ['x'], 'probability'],
    ['Log', ['probability'], 'log'],
    ['Neg', ['log'], 'y'],
  ]);
  const right = inputs.map((x) => 1 / (1 + Math.exp(-x)));
  const rightEntropy = inputs.map((x) => Math.log1p(Math.exp(-x)));

  const row = (cells) => console.log(cells.map((cell) => String(cell).padEnd(14)).join('').trimEnd());
  row(['x', 'Sigmoid f32', 'Sigmoid f64', 'composed f32', 'Math.exp', '-log f32', 'Math.exp']);
  for (const [i, x] of inputs.entries()) {
    const probabilities = [single, double, composed, right].map((list) => Number(list[i].toPrecision(6)));
    row([x, ...probabilities, ...[entropy, rightEntropy].map((list) => Number(list[i].toPrecision(6)))]);
  }

  const relative = (list, i) => Math.abs(list[i] / right[i] - 1);
  const holds =
    relative(single, 2) > 0.1 &&
    relative(single, 3) > 1 &&
    single.slice(4).every((y) => y === 0) &&
    entropy.slice(4).every((y) => y === Number.POSITIVE_INFINITY) &&
    inputs.slice(0, 5).every((_, i) => relative(double, i) < 1e-6) &&
    inputs.every((_, i) => relative(composed, i) < 1e-5);
  if (holds) return;
  console.error('the behaviour has changed');
  process.exitCode = 1;
}

main();
JS
node finding.cjs
