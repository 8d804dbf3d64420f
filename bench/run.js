// Measures the bars of the design: each a ratio of two things timed in one run. Prints a table, or JSON with --json.
// A bench never decides a test; it says how the numbers stand on this machine.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  buildOnnx,
  compile,
  parametersOf,
  readTensor,
  seededWeights,
  weightsFromTensors,
} from '../dist/index.js';
import { writeFileAtomically } from '../dist/node.js';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const rows = [];

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function milliseconds(work) {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

function report(what, measured, bar, holds) {
  rows.push({ what, measured, bar, holds });
}

// 1. The whole process, against a Node that does nothing; in turns, so that both see the same machine.
{
  const empty = [];
  const check = [];
  const run = (args) => milliseconds(() => spawnSync(process.execPath, args, { stdio: 'ignore' }));
  run(['bin/unet.js', 'check', 'specs/unet2d.unet']);
  for (let i = 0; i < 15; i += 1) {
    empty.push(run(['-e', '0']));
    check.push(run(['bin/unet.js', 'check', 'specs/unet2d.unet']));
  }
  const [a, b] = [median(empty), median(check)];
  const limit = 2 * a + 60;
  report(
    'unet check specs/unet2d.unet, whole process',
    `${b.toFixed(0)} ms, ${(b / a).toFixed(2)}x of node -e 0 (${a.toFixed(0)} ms)`,
    `2x + 60 ms = ${limit.toFixed(0)} ms`,
    b <= limit,
  );
}

// 2. Text to checked graph, warm.
{
  const text = readFileSync('specs/unet2d.unet', 'utf8');
  for (let i = 0; i < 100; i += 1) compile('unet2d.unet', text);
  const times = Array.from({ length: 100 }, () => milliseconds(() => compile('unet2d.unet', text)));
  report('unet2d in process, warm', `${median(times).toFixed(2)} ms`, '2 ms', median(times) <= 2);
}

// 3. Growth: the time a node must not grow with the number of nodes.
{
  const spec = (convs) =>
    `unet Big { input = 1 x 64 x 64 classes = 2 depth = 1 channels = 4 padding = same repeat = ${convs} activation = none }`;
  const perNode = (convs) => {
    const text = spec(convs);
    compile('big.unet', text);
    let nodes = 0;
    const times = Array.from({ length: 7 }, () =>
      milliseconds(() => {
        nodes = compile('big.unet', text).networks[0].graph.nodes.length;
      }),
    );
    return { nodes, time: median(times) };
  };
  const small = perNode(400);
  const large = perNode(3330);
  const ratio = large.time / large.nodes / (small.time / small.nodes);
  report(
    `time a node at ${large.nodes} nodes against ${small.nodes}`,
    `${ratio.toFixed(2)}x (${large.time.toFixed(0)} ms in all)`,
    'linear: about 1x',
    ratio <= 1.5,
  );
}

// 4. Writing 31 million parameters, against writing the same bytes.
{
  const folder = mkdtempSync(join(tmpdir(), 'unet-bench-'));
  const [network] = compile('unet2d.unet', readFileSync('specs/unet2d.unet', 'utf8')).networks;
  const emit = (path, weights) => {
    const built = buildOnnx(network.graph, { weights, fileName: 'model.onnx' });
    const failure = writeFileAtomically(path, built.files[0].chunks);
    if (failure) throw new Error(failure.message);
  };
  const plain = (path, bytes) => {
    const file = openSync(path, 'w');
    for (let offset = 0; offset < bytes.length; offset += 1 << 20) {
      writeSync(file, bytes, offset, Math.min(1 << 20, bytes.length - offset));
    }
    fsyncSync(file);
    closeSync(file);
  };
  const model = join(folder, 'model.onnx');
  const ready = new Map(parametersOf(network.graph).map((p) => [p.name, readTensor(seededWeights(0), p)]));
  emit(model, seededWeights(0));
  const bytes = readFileSync(model);
  const writes = [];
  const copies = [];
  const builds = [];
  for (let i = 0; i < 7; i += 1) {
    writes.push(milliseconds(() => plain(join(folder, 'plain'), bytes)));
    copies.push(milliseconds(() => emit(model, weightsFromTensors(ready))));
    builds.push(milliseconds(() => emit(model, seededWeights(0))));
  }
  const a = median(writes);
  for (const [what, times] of [
    ['with weights that are there', copies],
    ['with weights made from a seed', builds],
  ]) {
    const b = median(times);
    report(
      `build of ${(statSync(model).size / 1e6).toFixed(0)} MB ${what}`,
      `${b.toFixed(0)} ms, ${(b / a).toFixed(2)}x of writing the bytes (${a.toFixed(0)} ms, both to the disk)`,
      '2x',
      b <= 2 * a,
    );
  }
  // Linux counts the parent's memory into maxRSS at a fork: the high-water mark of the process itself is asked for.
  const program = `
    import { readFileSync } from 'node:fs';
    process.argv = [process.argv[0], 'unet', 'build', 'specs/unet2d.unet', '--target', 'onnx', '-o', ${JSON.stringify(model)}];
    process.on('exit', () => console.log('peak', /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]));
    await import(${JSON.stringify(new URL('../dist/cli.js', import.meta.url).href)});`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  const peak = Number(/peak (\d+)/.exec(output)[1]) * 1024;
  const limit = statSync(model).size + 120e6;
  report(
    'peak memory of that build, whole process',
    `${(peak / 1e6).toFixed(0)} MB`,
    `weights + 120 MB = ${(limit / 1e6).toFixed(0)} MB`,
    peak <= limit,
  );
  rmSync(folder, { recursive: true });
}

if (process.argv.includes('--json')) console.log(JSON.stringify(rows, null, 2));
else {
  for (const { what, measured, bar, holds } of rows) {
    console.log(`${holds ? 'holds ' : 'MISSED'}  ${what}\n        ${measured}; bar: ${bar}`);
  }
}
