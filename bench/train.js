// A training step against PyTorch's, in one run: the same networks, batches and optimizer (Adam), two threads each, and
// the peak memory of both processes. Then where our time goes, operator by operator. PyTorch is Debian's python3-torch.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildTrainingStep, compile, readTensor, seededWeights } from '../dist/index.js';
import { Trainer } from '../dist/node.js';
import { median } from './measurement.js';

const THREADS = 2;
const STEPS = 8;
/** Both are measured in turn, so that what else the machine does meets both; of each, the fastest counts. */
const ROUNDS = 3;
const PYTHON = '/usr/bin/python3';

const cases = [
  { name: '2D, base 16, depth 3, 4 x 128 x 128', base: 16, depth: 3, batch: 4, size: [128, 128] },
  { name: '2D, base 32, depth 4, 2 x 256 x 256', base: 32, depth: 4, batch: 2, size: [256, 256] },
  { name: '3D, base 16, depth 3, 1 x 64 x 64 x 64', base: 16, depth: 3, batch: 1, size: [64, 64, 64] },
];

function requestOf({ base, depth, batch, size }) {
  const text = `unet Net { input = 1 x ${size.join(' x ')}; classes = 2; depth = ${depth}; channels = ${base}; padding = same }`;
  const [network] = compile('net.unet', text).networks;
  return {
    network,
    batch,
    patch: size,
    loss: [{ weight: 1, loss: { kind: 'cross_entropy' } }],
    optimizer: { kind: 'adam', weight_decay: 0 },
    weights: seededWeights(0),
    seed: 0,
    threads: THREADS,
  };
}

function batchOf({ batch, size }) {
  const count = size.reduce((product, one) => product * one, batch);
  const of = (value) => ({ shape: [batch, 1, ...size], data: Float32Array.from({ length: count }, value) });
  return {
    images: of((_, i) => Math.sin(i * 12.9898) * 1.5),
    labels: of((_, i) => i % 2),
    weights: of(() => 1),
  };
}

/** Milliseconds a step, the median of all but the first two, and the peak of the process in MiB. */
async function ours(one) {
  const trainer = await Trainer.open(requestOf(one));
  const batch = batchOf(one);
  const times = [];
  for (let step = 0; step < STEPS; step += 1) {
    const begun = performance.now();
    await trainer.train(batch, step, 1e-3);
    times.push(performance.now() - begun);
  }
  await trainer.close();
  return { step: median(times.slice(2)), peak: process.resourceUsage().maxRSS / 1024 };
}

/** The measurement with the shortest step. */
function fastest(measured) {
  return measured.toSorted((a, b) => a.step - b.step)[0];
}

/** Where the time of a few steps goes, by operator, as onnxruntime's profile has it. */
async function profile(one) {
  const ort = createRequire(import.meta.url)('onnxruntime-node');
  const folder = mkdtempSync(join(tmpdir(), 'unet-profile-'));
  const request = requestOf(one);
  const step = buildTrainingStep(request.network, request);
  const session = await ort.InferenceSession.create(step.model, {
    intraOpNumThreads: THREADS,
    logSeverityLevel: 3,
    enableMemPattern: false,
    enableProfiling: true,
    profileFilePrefix: join(folder, 'step'),
  });
  const feeds = {};
  for (const { kind, name, shape } of step.inputs) {
    const count = shape.reduce((product, size) => product * size, 1);
    const parameter = step.parameters.find((one) => one.name === name);
    const data =
      kind === 'parameter'
        ? readTensor(request.weights, parameter)
        : Float32Array.from({ length: count }, (_, i) =>
            kind === 'image' ? Math.sin(i) : kind === 'labels' || kind === 'state' ? 0 : 1e-3,
          );
    feeds[name] = new ort.Tensor('float32', data, shape);
  }
  for (let i = 0; i < 3; i += 1) await session.run(feeds);
  session.endProfiling();
  await session.release();
  const events = readdirSync(folder).flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
  rmSync(folder, { recursive: true });
  const byOp = new Map();
  for (const { cat, args, dur, name } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    byOp.set(args.op_name, (byOp.get(args.op_name) ?? 0) + dur);
  }
  const total = [...byOp.values()].reduce((sum, one) => sum + one, 0);
  return [...byOp]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 10)
    .map(([op, time]) => [op, time / total]);
}

export async function measure() {
  const self = fileURLToPath(import.meta.url);
  const hasTorch = spawnSync(PYTHON, ['-c', 'import torch']).status === 0;
  const measurements = [];
  for (const [i, one] of cases.entries()) {
    const json = (command, args) => JSON.parse(spawnSync(command, args, { encoding: 'utf8' }).stdout);
    const settings = JSON.stringify({ ...one, threads: THREADS, steps: STEPS });
    const [mine, others] = [[], []];
    for (let round = 0; round < (hasTorch ? ROUNDS : 1); round += 1) {
      mine.push(json(process.execPath, [self, 'ours', String(i)]));
      if (hasTorch) others.push(json(PYTHON, [join(import.meta.dirname, 'train_torch.py'), settings]));
    }
    const [own, torch] = [fastest(mine), fastest(others)];
    const shares = (await profile(one)).map(([op, share]) => `${op} ${(100 * share).toFixed(0)} %`);
    const peer = torch ? `PyTorch ${torch.version}` : 'nothing, because python3-torch is not installed';
    const compared = (name, unit, key) => ({
      measure: `${name} ${one.name}`,
      what: `${name} ${one.name}, against ${peer}`,
      figures: { ours: own[key], ...(torch && { [peer]: torch[key] }) },
      unit,
      ratio: torch && own[key] / torch[key],
    });
    measurements.push(
      { ...compared('training step', 'ms', 'step'), note: [`where the time goes: ${shares.join(', ')}`] },
      compared('peak memory in training', 'MiB', 'peak'),
    );
  }
  return measurements;
}

// `measure` starts this file again, as a process of its own for each case.
const [mode, index] = process.argv.slice(2);
if (mode === 'ours') console.log(JSON.stringify(await ours(cases[index])));
