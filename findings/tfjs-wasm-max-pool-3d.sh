#!/usr/bin/env bash
# Version: @tensorflow/tfjs 4.22.0 with @tensorflow/tfjs-backend-wasm 4.22.0, Node 20.20.2.
#
# Behaviour: on the wasm backend, the maximum of negative numbers is positive. tf.maxPool3d starts its search for a
# window's maximum at 1.1754943508222875e-38, the smallest positive normal float32 (std::numeric_limits<float>::min()
# of C++), instead of minus infinity. A window without a larger element therefore gives that number. In a CT volume in
# Hounsfield units, these are all windows of tissue less dense than water. The forward result of tf.maxPool, the 2D
# op, is right, but its gradient has the same fault: of four such windows, no maximum receives a gradient, and the
# first element of the tensor receives one.
#
# Output seen:
#   @tensorflow/tfjs 4.22.0: wasm starts the search for a maximum at the smallest positive float32
#   maxPool3d, windows of 2 x 2 x 2, of a 4 x 4 x 4 volume: -1000 (air), and one voxel of -50 (fat)
#     cpu   -50 -1000 -1000 -1000 -1000 -1000 -1000 -1000
#     wasm  1.1754943508222875e-38 (8 times)
#     loop  -50 -1000 -1000 -1000 -1000 -1000 -1000 -1000
#   gradient of the sum of maxPool, windows of 2 x 2, by the elements of a 4 x 4 image: -16 -15 ... -1
#     cpu   0 0 0 0 0 1 0 1 0 0 0 0 0 1 0 1
#     wasm  1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
#     loop  0 0 0 0 0 1 0 1 0 0 0 0 0 1 0 1
#
# Right values: "loop". It takes Math.max of each window, and gives the gradient 1 to each window's maximum, which is
# its last element here.
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

const volume = new Float32Array(4 * 4 * 4).fill(-1000);
volume[(1 * 4 + 0) * 4 + 1] = -50;
const image = Float32Array.from({ length: 4 * 4 }, (_, i) => i - 16);
const smallestPositive = 2 ** -126;

/** The maximum of each block of 2 x 2 x 2 of the volume. */
function pooledByLoop() {
  const maxima = [];
  for (let z = 0; z < 4; z += 2) {
    for (let y = 0; y < 4; y += 2) {
      for (let x = 0; x < 4; x += 2) {
        let max = Number.NEGATIVE_INFINITY;
        for (let i = 0; i < 8; i++) {
          const [dz, dy, dx] = [i >> 2, (i >> 1) & 1, i & 1];
          max = Math.max(max, volume[((z + dz) * 4 + y + dy) * 4 + x + dx]);
        }
        maxima.push(max);
      }
    }
  }
  return maxima;
}

function pooled() {
  return tf.tidy(() => [...tf.maxPool3d(tf.tensor5d(volume, [1, 4, 4, 4, 1]), 2, 2, 'valid').dataSync()]);
}

function gradient() {
  const sumOfMaxima = (x) => tf.sum(tf.maxPool(x, 2, 2, 'valid'));
  return tf.tidy(() => [...tf.grad(sumOfMaxima)(tf.tensor4d(image, [1, 4, 4, 1])).dataSync()]);
}

function text(numbers) {
  const allEqual = numbers.every((number) => number === numbers[0]);
  return allEqual ? `${numbers[0]} (${numbers.length} times)` : numbers.join(' ');
}

async function main() {
  console.log(`@tensorflow/tfjs ${tf.version.tfjs}: wasm starts the search for a maximum at the smallest positive float32`);
  const results = {};
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    results[backend] = { pooled: pooled(), gradient: gradient() };
  }
  const { cpu, wasm } = results;
  const loop = {
    pooled: pooledByLoop(),
    gradient: [...image.keys()].map((i) => (Math.floor(i / 4) % 2 === 1 && i % 2 === 1 ? 1 : 0)),
  };
  console.log('maxPool3d, windows of 2 x 2 x 2, of a 4 x 4 x 4 volume: -1000 (air), and one voxel of -50 (fat)');
  console.log(`  cpu   ${text(cpu.pooled)}\n  wasm  ${text(wasm.pooled)}\n  loop  ${text(loop.pooled)}`);
  console.log('gradient of the sum of maxPool, windows of 2 x 2, by the elements of a 4 x 4 image: -16 -15 ... -1');
  console.log(`  cpu   ${text(cpu.gradient)}\n  wasm  ${text(wasm.gradient)}\n  loop  ${text(loop.gradient)}`);

  const holds =
    text(cpu.pooled) === text(loop.pooled) &&
    text(cpu.gradient) === text(loop.gradient) &&
    wasm.pooled.every((value) => value === smallestPositive) &&
    wasm.gradient.every((value, i) => value === (i === 0 ? 1 : 0));
  if (holds) return;
  console.error('the behaviour has changed');
  process.exitCode = 1;
}

main();
JS
node finding.cjs
