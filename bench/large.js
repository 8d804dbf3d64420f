// `unet predict` on images that do not fit into memory: node scripts/build.js && node bench/large.js [image volume zarr]
//
// Each run is predicted whole, and again with a kill at a random moment and --resume: the bytes must be equal. It prints the
// peak memory of the processes, the seconds, and the seconds of the model. It takes many minutes, and 10 GB of disk.
// --seed N chooses the moment of the kill, and --only whole leaves it out; --size N makes the image N x N, --slices N the
// volume 512 x 512 x N.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createGzip, deflateSync, gzipSync } from 'node:zlib';

chdir(fileURLToPath(new URL('..', import.meta.url)));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    size: { type: 'string', default: '40000' },
    slices: { type: 'string', default: '600' },
    only: { type: 'string', default: 'resume' },
  },
});
const seed = Number(values.seed);
const size = Number(values.size);
const slices = Number(values.slices);
const SIDE = 512;

/** Up to 1,000 multiply-adds for each position. */
const SPECS = {
  image: 'unet Net { input = 3 x 268 x 268  classes = 3  depth = 1  channels = 1  padding = valid }',
  volume: 'unet Net { input = 1 x 68 x 68 x 68  classes = 3  depth = 1  channels = 1  padding = valid }',
};

const runs = {
  image: { spec: SPECS.image, bar: 1500, input: 'image.tif', output: 'labels.tif', make: makeImage },
  volume: {
    spec: SPECS.volume,
    bar: 2000,
    input: 'volume.nii.gz',
    output: 'labels.nii.gz',
    make: makeVolume,
  },
  zarr: { spec: SPECS.volume, bar: 2000, input: 'volume.zarr', output: 'labels.zarr', make: makeZarr },
};

for (const name of positionals.length === 0 ? Object.keys(runs) : positionals) {
  const folder = mkdtempSync(join(tmpdir(), 'unet-large-'));
  try {
    await run(name, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function run(name, folder) {
  const { spec, bar, input, output, make } = runs[name];
  const at = (file) => join(folder, file);
  writeFileSync(at('net.unet'), `${spec}\n`);
  const build = [
    'bin/unet.js',
    'build',
    at('net.unet'),
    '--target',
    'onnx',
    '--dynamic',
    '-o',
    at('net.onnx'),
  ];
  execFileSync(process.execPath, build);
  await make(at(input));
  const whole = await predict(at('net.onnx'), at(input), at(output));
  const megabytes = Math.round(whole.peak / 1024);
  const { model, total } = whole.json.cases[0].seconds;
  console.log(
    `${name}: ${whole.json.cases[0].shape.join(' x ')}, ${whole.json.cases[0].windows}, ${total} s (model ${model} s), ` +
      `peak ${megabytes} MB (bar ${bar} MB: ${megabytes <= bar ? 'holds' : 'BROKEN'}), classes ${whole.json.cases[0].counts.join(' ')}`,
  );
  if (values.only === 'whole') return;
  const wanted = hashOf(at(output));
  rmSync(at(output), { recursive: true });
  const moment = whole.seconds * (0.1 + 0.8 * randomNumbers(seed)());
  const killed = await predict(at('net.onnx'), at(input), at(output), { kill: moment });
  const rows = statSync(`${at(output)}.part`, { throwIfNoEntry: false })?.size ?? 0;
  const resumed = await predict(at('net.onnx'), at(input), at(output), { resume: true });
  const peak = Math.round(Math.max(killed.peak, resumed.peak) / 1024);
  const equal = hashOf(at(output)) === wanted;
  console.log(
    `${name}: killed after ${moment.toFixed(1)} s with ${rows} bytes of labels, resumed in ${resumed.seconds.toFixed(1)} s, ` +
      `peak ${peak} MB, bytes ${equal ? 'equal' : 'DIFFER'}`,
  );
  if (!equal || megabytes > bar) process.exitCode = 1;
}

function predict(model, input, output, { kill, resume } = {}) {
  const args = ['bin/unet.js', 'predict', model, '--input', input, '-o', output, '--json'];
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args, ...(resume ? ['--resume'] : [])], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [text, errors, peak] = ['', '', 0];
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    const sample = setInterval(() => {
      peak = Math.max(peak, residentKilobytes(child.pid));
    }, 100);
    const timer = kill === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), kill * 1000);
    child.on('close', (code) => {
      clearInterval(sample);
      clearTimeout(timer);
      const seconds = (performance.now() - start) / 1000;
      if (kill !== undefined) resolve({ peak, seconds });
      else if (code === 0) resolve({ peak, seconds, json: JSON.parse(text) });
      else reject(new Error(errors));
    });
  });
}

/** The resident memory of a process and of those that it started. */
function residentKilobytes(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const own = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return children === ''
      ? own
      : children.split(' ').reduce((sum, child) => sum + residentKilobytes(child), own);
  } catch {
    return 0;
  }
}

function hashOf(path) {
  const hash = createHash('sha256');
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path).sort()) hash.update(`${name} ${hashOf(join(path, name))}\n`);
  } else {
    const descriptor = openSync(path, 'r');
    const bytes = readFileSync(descriptor);
    closeSync(descriptor);
    hash.update(bytes);
  }
  return hash.digest('hex');
}

/** Mulberry32: numbers from 0 to 1. */
function randomNumbers(start) {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Smooth random numbers, 0 to 1, of a cube or a square. */
function waves(random, side, rank) {
  const terms = Array.from({ length: 6 }, () => ({
    steps: Array.from({ length: rank }, () => (random() - 0.5) * 0.6),
    start: random() * 6.28,
  }));
  const field = new Float32Array(side ** rank);
  for (let i = 0; i < field.length; i += 1) {
    let sum = 0;
    for (const { steps, start } of terms) {
      let [rest, phase] = [i, start];
      for (const step of steps) {
        phase += (rest % side) * step;
        rest = Math.floor(rest / side);
      }
      sum += Math.sin(phase);
    }
    field[i] = sum / 12 + 0.5;
  }
  return field;
}

/** A BigTIFF of RGB in tiles: 16 different ones share their bytes, and every fifth place has none, which means black. */
function makeImage(path) {
  const random = randomNumbers(seed);
  const across = Math.ceil(size / SIDE);
  const file = openSync(path, 'w');
  let at = 16;
  const tiles = Array.from({ length: 16 }, () => {
    const planes = [0, 1, 2].map(() => waves(random, SIDE, 2));
    const pixels = Uint8Array.from(
      { length: 3 * SIDE * SIDE },
      (_, i) => 255 * planes[i % 3][Math.floor(i / 3)],
    );
    const packed = deflateSync(pixels);
    writeSync(file, packed, 0, packed.length, at);
    at += packed.length;
    return { offset: at - packed.length, count: packed.length };
  });
  const places = Array.from({ length: across * across }, () => {
    const draw = Math.floor(random() * 20);
    return tiles[draw] ?? { offset: 0, count: 0 };
  });
  const lists = Buffer.alloc(16 * places.length);
  for (const [i, { offset, count }] of places.entries()) {
    lists.writeBigUInt64LE(BigInt(offset), 8 * i);
    lists.writeBigUInt64LE(BigInt(count), 8 * (places.length + i));
  }
  at += at % 2;
  writeSync(file, lists, 0, lists.length, at);
  const fields = [
    [256, 4, 1, size],
    [257, 4, 1, size],
    [258, 3, 3, 0x0008_0008_0008n],
    [259, 3, 1, 8],
    [262, 3, 1, 2],
    [277, 3, 1, 3],
    [284, 3, 1, 1],
    [322, 3, 1, SIDE],
    [323, 3, 1, SIDE],
    [324, 16, places.length, at],
    [325, 16, places.length, at + 8 * places.length],
  ];
  const directory = Buffer.alloc(8 + 20 * fields.length + 8);
  directory.writeBigUInt64LE(BigInt(fields.length), 0);
  for (const [i, [tag, type, count, value]] of fields.entries()) {
    directory.writeUInt16LE(tag, 8 + 20 * i);
    directory.writeUInt16LE(type, 10 + 20 * i);
    directory.writeBigUInt64LE(BigInt(count), 12 + 20 * i);
    directory.writeBigUInt64LE(BigInt(value), 20 + 20 * i);
  }
  at += lists.length;
  writeSync(file, directory, 0, directory.length, at);
  const head = Buffer.from([0x49, 0x49, 43, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeBigUInt64LE(BigInt(at), 8);
  writeSync(file, head, 0, head.length, 0);
  ftruncateSync(file, at + directory.length);
  closeSync(file);
}

/** A NIfTI-1 of 512 x 512 x slices float32, compressed. */
function makeVolume(path) {
  const header = Buffer.alloc(352);
  header.writeInt32LE(348, 0);
  for (const [i, dim] of [3, SIDE, SIDE, slices, 1, 1, 1, 1].entries()) header.writeInt16LE(dim, 40 + 2 * i);
  header.writeInt16LE(16, 70);
  header.writeInt16LE(32, 72);
  for (const [i, length] of [1, 0.5, 0.5, 1].entries()) header.writeFloatLE(length, 76 + 4 * i);
  header.writeFloatLE(352, 108);
  header.writeFloatLE(1, 112);
  header.writeUInt8(2, 123);
  header.writeInt16LE(1, 254);
  for (const [i, length] of [0.5, 0.5, 1].entries()) header.writeFloatLE(length, 280 + 20 * i);
  header.write('n+1\0', 344, 'latin1');
  const planes = planesOf();
  return new Promise((resolve, reject) => {
    const zip = createGzip({ level: 1 });
    const chunks = [];
    zip.on('data', (chunk) => chunks.push(chunk));
    zip.on('end', () => {
      const file = openSync(path, 'w');
      for (const chunk of chunks) writeSync(file, chunk);
      closeSync(file);
      resolve();
    });
    zip.on('error', reject);
    zip.write(header);
    for (let z = 0; z < slices; z += 1) zip.write(planes[z % planes.length]);
    zip.end();
  });
}

/** Slices of 512 x 512 float32. */
function planesOf() {
  const random = randomNumbers(seed);
  return Array.from({ length: 32 }, () => {
    const field = waves(random, SIDE, 2).map((value) => Math.fround(Math.round(value * 1000)));
    return Buffer.from(field.buffer);
  });
}

/** The same sizes as OME-Zarr 0.4 in chunks of 64 x 128 x 128: 8 different ones, linked. */
function makeZarr(path) {
  const random = randomNumbers(seed);
  const [depth, side] = [64, 128];
  mkdirSync(join(path, '0'), { recursive: true });
  writeFileSync(join(path, '.zgroup'), JSON.stringify({ zarr_format: 2 }));
  const multiscales = [
    {
      version: '0.4',
      axes: ['z', 'y', 'x'].map((name) => ({ name, type: 'space', unit: 'micrometer' })),
      datasets: [{ path: '0', coordinateTransformations: [{ type: 'scale', scale: [1, 0.5, 0.5] }] }],
    },
  ];
  writeFileSync(join(path, '.zattrs'), JSON.stringify({ multiscales }));
  const array = {
    ...{ zarr_format: 2, shape: [slices, SIDE, SIDE], chunks: [depth, side, side], dtype: '<f4', order: 'C' },
    ...{ fill_value: 0, filters: null, compressor: { id: 'gzip', level: 1 }, dimension_separator: '/' },
  };
  writeFileSync(join(path, '0', '.zarray'), JSON.stringify(array));
  const chunks = Array.from({ length: 8 }, (_, i) => {
    const field = waves(random, side, 2).map((value) => Math.round(value * 1000));
    const chunk = new Float32Array(depth * side * side);
    for (let z = 0; z < depth; z += 1) chunk.set(field, z * side * side);
    const file = join(path, `chunk-${i}`);
    writeFileSync(file, gzipSync(Buffer.from(chunk.buffer), { level: 1 }));
    return file;
  });
  for (let z = 0; z < Math.ceil(slices / depth); z += 1) {
    for (let y = 0; y < SIDE / side; y += 1) {
      mkdirSync(join(path, '0', `${z}`, `${y}`), { recursive: true });
      for (let x = 0; x < SIDE / side; x += 1) {
        const chunk = chunks[Math.floor(random() * chunks.length)] ?? '';
        linkSync(chunk, join(path, '0', `${z}`, `${y}`, `${x}`));
      }
    }
  }
  for (const chunk of chunks) rmSync(chunk);
  return Promise.resolve();
}
