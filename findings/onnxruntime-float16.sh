#!/usr/bin/env bash
# Version: onnxruntime-node 1.30.0, CPU execution provider, x86-64, Node 20.20.2.
#
# Behaviour: two outputs of one run contradict each other. The model is float16 throughout. It squares x (Mul), takes
# the root of the square (Sqrt), and returns both values. For x = 300 the engine returns the square Infinity (90000 is
# beyond 65504, the largest float16) and the root 300, although the square root of infinity is infinity. The engine has
# no float16 kernels for these nodes. It casts x to float32, runs both nodes in float32, and casts each output back, so
# Sqrt never sees the infinity that the caller sees. Disabling all graph optimizations changes nothing. Cut in two at
# the square, the model gives infinity. A float16 model that overflows on a GPU can thus pass every test on the CPU.
#
# Output seen:
#   onnxruntime-node 1.30.0: the nodes of a float16 model hand float32 to each other
#   x 300
#   optimizations all
#     one model           square Infinity  root 300
#     Sqrt alone, given that square       root Infinity
#   optimizations disabled
#     one model           square Infinity  root 300
#     Sqrt alone, given that square       root Infinity
#   node by node          square Infinity  root Infinity
#
# Right values: "node by node", computed in float64 and rounded to float16 after each node.
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

const { FLOAT16 } = onnx.TensorProto.DataType;
const mul = { opType: 'Mul', input: ['x', 'x'], output: ['square'] };
const sqrt = { opType: 'Sqrt', input: ['square'], output: ['root'] };

/** The number that 16 bits stand for. */
function fromHalf(bits) {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The nearest of all float16 numbers from 0 on; 65520 and more round to infinity. */
function toHalf(number) {
  if (number >= 65520) return 0x7c00;
  let best = 0;
  for (let bits = 0; bits < 0x7c00; bits++) {
    if (Math.abs(fromHalf(bits) - number) < Math.abs(fromHalf(best) - number)) best = bits;
  }
  return best;
}

function value(name) {
  return { name, type: { tensorType: { elemType: FLOAT16, shape: { dim: [{ dimValue: 1 }] } } } };
}

async function run(nodes, input, outputs, tensor, graphOptimizationLevel) {
  const model = onnx.ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: { name: 'finding', node: nodes, input: [value(input)], output: outputs.map(value) },
  });
  const bytes = onnx.ModelProto.encode(model).finish();
  const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel });
  return session.run({ [input]: tensor });
}

async function main() {
  console.log(`onnxruntime-node ${require('onnxruntime-node/package.json').version}: the nodes of a float16 model hand float32 to each other`);
  const number = ({ data }) => fromHalf(data[0]);
  const x = new ort.Tensor('float16', Uint16Array.of(toHalf(300)), [1]);
  console.log(`x ${number(x)}`);

  let holds = true;
  for (const level of ['all', 'disabled']) {
    const { square, root } = await run([mul, sqrt], 'x', ['square', 'root'], x, level);
    const { root: alone } = await run([sqrt], 'square', ['root'], square, level);
    console.log(`optimizations ${level}`);
    console.log(`  one model           square ${number(square)}  root ${number(root)}`);
    console.log(`  Sqrt alone, given that square       root ${number(alone)}`);
    holds &&= number(square) === Number.POSITIVE_INFINITY && number(alone) === Number.POSITIVE_INFINITY;
    holds &&= number(root) === 300;
  }
  const square = fromHalf(toHalf(300 * 300));
  const root = fromHalf(toHalf(Math.sqrt(square)));
  console.log(`node by node          square ${square}  root ${root}`);
  holds &&= root === Number.POSITIVE_INFINITY;
  if (holds) return;
  console.error('the behaviour has changed');
  process.exitCode = 1;
}

main();
JS
node finding.cjs
