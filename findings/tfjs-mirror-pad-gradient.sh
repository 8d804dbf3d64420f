#!/usr/bin/env bash
# Version: @tensorflow/tfjs 4.22.0 with @tensorflow/tfjs-backend-wasm 4.22.0, Node 20.20.2.
#
# Behaviour: the gradient of tf.mirrorPad is wrong. Mirrored padding repeats elements near the border, so the gradient
# of each element is the sum of the gradients of all its copies. TensorFlow.js only crops: it drops the gradients of
# the padding, as if the padding were constant zeros. The gradient is part of tfjs-core, so all backends share it. A
# network with reflected borders trains without an error message, with wrong gradients near every border.
#
# Output seen:
#   @tensorflow/tfjs 4.22.0: the gradient of mirrorPad drops the gradients of the mirrored elements
#   mirrorPad of [1, 2, 3, 4] by 2 on both sides, reflect: 3 2 1 2 3 4 3 2
#     gradient of the sum, cpu   1 1 1 1
#     gradient of the sum, wasm  1 1 1 1
#     central differences, cpu   1 3 3 1
#     central differences, wasm  1 3 3 1
#     copies of each element     1 3 3 1
#   mirrorPad of [1, 2, 3, 4] by 2 on both sides, symmetric: 2 1 1 2 3 4 4 3
#     gradient of the sum, cpu   1 1 1 1
#     gradient of the sum, wasm  1 1 1 1
#     central differences, cpu   2 2 2 2
#     central differences, wasm  2 2 2 2
#     copies of each element     2 2 2 2
#
# Right values: the number of copies of each element in the padded tensor. Central differences of the library's own
# forward result agree with it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error \
  @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 >/dev/null

cat >finding.cjs <<'JS'
console.warn = () => {}; // The cpu backend prints an advertisement of tfjs-node.
const tf = require('@tensorflow/tfjs');
require('@tensorflow/tfjs-backend-wasm');

const values = [1, 2, 3, 4];

function padded(mode, x) {
  return tf.mirrorPad(tf.tensor1d(x), [[2, 2]], mode).dataSync();
}

function sumOf(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function on(mode) {
  const gradient = tf.grad((x) => tf.sum(tf.mirrorPad(x, [[2, 2]], mode)))(tf.tensor1d(values));
  const differences = values.map((_, at) => {
    // float32 holds the steps of a half exactly.
    const [above, below] = [0.5, -0.5].map((step) => values.map((value, i) => (i === at ? value + step : value)));
    return sumOf(padded(mode, above)) - sumOf(padded(mode, below));
  });
  return { gradient: [...gradient.dataSync()].join(' '), differences: differences.join(' ') };
}

async function main() {
  console.log(`@tensorflow/tfjs ${tf.version.tfjs}: the gradient of mirrorPad drops the gradients of the mirrored elements`);
  let holds = true;
  for (const mode of ['reflect', 'symmetric']) {
    const results = {};
    for (const backend of ['cpu', 'wasm']) {
      await tf.setBackend(backend);
      results[backend] = on(mode);
    }
    const { cpu, wasm } = results;
    // Counted by a walk over positions, not by the library.
    const skipped = mode === 'reflect' ? 1 : 0;
    const copies = values.map(() => 0);
    const repeated = [];
    for (let position = -2; position < values.length + 2; position++) {
      const mirrored = position < 0 ? skipped - 1 - position : 2 * values.length - 1 - skipped - position;
      const source = position >= 0 && position < values.length ? position : mirrored;
      copies[source]++;
      repeated.push(values[source]);
    }
    const right = copies.join(' ');
    console.log(`mirrorPad of [1, 2, 3, 4] by 2 on both sides, ${mode}: ${repeated.join(' ')}`);
    console.log(`  gradient of the sum, cpu   ${cpu.gradient}\n  gradient of the sum, wasm  ${wasm.gradient}`);
    console.log(`  central differences, cpu   ${cpu.differences}\n  central differences, wasm  ${wasm.differences}`);
    console.log(`  copies of each element     ${right}`);
    holds &&= padded(mode, values).join(' ') === repeated.join(' ');
    holds &&= cpu.differences === right && wasm.differences === right;
    holds &&= cpu.gradient === '1 1 1 1' && wasm.gradient === '1 1 1 1';
  }
  if (holds) return;
  console.error('the behaviour has changed');
  process.exitCode = 1;
}

main();
JS
node finding.cjs
