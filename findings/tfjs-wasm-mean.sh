#!/usr/bin/env bash
# Version: @tensorflow/tfjs 4.22.0 with @tensorflow/tfjs-backend-wasm 4.22.0, Node 20.20.2.
#
# Behaviour: on the wasm backend, the mean and the variance of three million elements can be wrong in the second
# digit. tf.sum and tf.mean add one element after the other to a single float32 number. The larger that number is, the
# more of each element its rounding loses, and the rounding errors of similar elements do not cancel. From 2^24 on,
# adding 1 changes nothing. tf.moments computes both of its results from such sums, and so does batch normalisation in
# training. The cpu backend adds in float64.
#
# Output seen:
#   @tensorflow/tfjs 4.22.0: wasm adds all elements in one float32 number
#   a 1024 x 1024 x 3 image, every element 200
#     mean      loop 200  cpu 200  wasm 193.7066650390625  float32 loop 193.7066650390625
#     variance  loop 0  cpu 0  wasm 39.9682731628418
#   a 1024 x 1024 x 3 image, noise from 190 to 210
#     mean      loop 200.00452613830566  cpu 200.00453186035156  wasm 197.00733947753906  float32 loop 197.00733947753906
#     variance  loop 36.69424361024354  cpu 36.694244384765625  wasm 45.28620910644531
#   20,000,000 ones
#     mean      loop 1  cpu 1  wasm 0.838860809803009  float32 loop 0.838860809803009
#     variance  loop 0  cpu 0  wasm 0.026214400306344032
#
# Right values: "loop", a plain loop in float64. A plain loop that rounds its sum to float32 after each addition
# ("float32 loop") gives what wasm gives, so the rounding is the whole difference.
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

/** Mean and variance in float64. */
function moments(values) {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, variance: squares / values.length };
}

/** The mean by a sum that is rounded to float32 after each addition. */
function roundedMean(values) {
  let sum = 0;
  for (const value of values) sum = Math.fround(sum + value);
  return Math.fround(sum / values.length);
}

async function on(backend, values) {
  await tf.setBackend(backend);
  return tf.tidy(() => {
    const { mean, variance } = tf.moments(tf.tensor1d(values));
    return { mean: mean.dataSync()[0], variance: variance.dataSync()[0] };
  });
}

/** Whole numbers from 190 to 210, the same in each run, by a linear congruential generator. */
function noise(size) {
  let state = 1;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 190 + Math.floor((state / 2 ** 32) * 21);
  });
}

async function main() {
  console.log(`@tensorflow/tfjs ${tf.version.tfjs}: wasm adds all elements in one float32 number`);
  const size = 1024 * 1024 * 3;
  const cases = [
    { name: 'a 1024 x 1024 x 3 image, every element 200', values: new Float32Array(size).fill(200) },
    { name: 'a 1024 x 1024 x 3 image, noise from 190 to 210', values: noise(size) },
    { name: '20,000,000 ones', values: new Float32Array(20_000_000).fill(1) },
  ];
  let holds = true;
  for (const { name, values } of cases) {
    const [cpu, wasm, loop] = [await on('cpu', values), await on('wasm', values), moments(values)];
    const rounded = roundedMean(values);
    console.log(name);
    console.log(`  mean      loop ${loop.mean}  cpu ${cpu.mean}  wasm ${wasm.mean}  float32 loop ${rounded}`);
    console.log(`  variance  loop ${loop.variance}  cpu ${cpu.variance}  wasm ${wasm.variance}`);
    holds &&= Math.abs(cpu.mean / loop.mean - 1) < 1e-6 && Math.abs(cpu.variance - loop.variance) < 1e-4;
    holds &&= Math.abs(wasm.mean / loop.mean - 1) > 0.01 && Math.abs(wasm.mean / rounded - 1) < 1e-6;
  }
  if (holds) return;
  console.error('the behaviour has changed');
  process.exitCode = 1;
}

main();
JS
node finding.cjs
