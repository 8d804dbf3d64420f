// Writing a model of 31 million parameters, against writing the same bytes; and the peak memory of that.
import { execFileSync } from 'node:child_process';
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
import {
  buildOnnx,
  compile,
  parametersOf,
  readTensor,
  seededWeights,
  weightsFromTensors,
} from '../dist/index.js';
import { writeFileAtomically } from '../dist/node.js';
import { median, milliseconds } from './measurement.js';

export function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'unet-bench-'));
  try {
    const model = join(folder, 'model.onnx');
    return [...times(folder, model), memory(model)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function times(folder, model) {
  const [network] = compile('unet2d.unet', readFileSync('specs/unet2d.unet', 'utf8')).networks;
  const emit = (weights) => {
    const built = buildOnnx(network.graph, { weights, fileName: 'model.onnx' });
    const failure = writeFileAtomically(model, built.files[0].chunks);
    if (failure) throw new Error(failure.message);
  };
  const ready = new Map(parametersOf(network.graph).map((p) => [p.name, readTensor(seededWeights(0), p)]));
  emit(seededWeights(0));
  const bytes = readFileSync(model);
  const [plain, copied, seeded] = [[], [], []];
  for (let i = 0; i < 7; i += 1) {
    plain.push(milliseconds(() => writePlain(join(folder, 'plain'), bytes)));
    copied.push(milliseconds(() => emit(weightsFromTensors(ready))));
    seeded.push(milliseconds(() => emit(seededWeights(0))));
  }
  const theirs = median(plain);
  const size = `${(bytes.length / 1e6).toFixed(0)} MB`;
  return [
    ['write', `build of ${size} from weights in memory`, median(copied)],
    ['write-seeded', `build of ${size} with weights made from a seed`, median(seeded)],
  ].map(([name, what, ours]) => ({
    measure: name,
    what: `${what}, against writing the bytes, both to the disk`,
    figures: { build: ours, 'the bytes': theirs },
    unit: 'ms',
    ratio: ours / theirs,
    bar: '2x',
    holds: ours <= 2 * theirs,
  }));
}

function writePlain(path, bytes) {
  const file = openSync(path, 'w');
  for (let offset = 0; offset < bytes.length; offset += 1 << 20) {
    writeSync(file, bytes, offset, Math.min(1 << 20, bytes.length - offset));
  }
  fsyncSync(file);
  closeSync(file);
}

/** Linux counts the parent's memory into maxRSS at a fork: the high-water mark of the process itself is asked for. */
function memory(model) {
  const program = `
    import { readFileSync } from 'node:fs';
    process.argv = [process.argv[0], 'unet', 'build', 'specs/unet2d.unet', '--target', 'onnx', '-o', ${JSON.stringify(model)}];
    process.on('exit', () => console.log('peak', /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]));
    await import(${JSON.stringify(new URL('../dist/cli.js', import.meta.url).href)});`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  const peak = Number(/peak (\d+)/.exec(output)[1]) * 1024;
  const size = statSync(model).size;
  return {
    measure: 'write-memory',
    what: 'peak memory of unet build, whole process, against the size of the model',
    figures: { peak: peak / 1e6, 'the model': size / 1e6 },
    unit: 'MB',
    ratio: peak / size,
    bar: `weights + 120 MB = ${((size + 120e6) / 1e6).toFixed(0)} MB`,
    holds: peak <= size + 120e6,
  };
}
