import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CellSetProblem } from '../../diagnostics/codes/data-sets/cells.js';
import { Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { uprightAffine } from '../../formats/geometry.js';
import type { ArrayHeader } from '../../formats/stored-array.js';
import { encodeArray } from '../../formats/write.js';
import {
  type FileContent,
  writeFileAtomically,
  writeFilesAtomically,
} from '../../runtime/files/write-file.js';
import { importSharp } from '../../runtime/images/sharp.js';
import { elementCount } from '../../runtime/tensor.js';
import { latticePoints } from './cell-positions.js';
import { type CellOptions, type CellSample, cellSample, relativeSpacing } from './cell-sample.js';

/** It rises whenever a seed gives other images. */
const GENERATOR_VERSION = 1;

export interface CellSetOptions extends CellOptions {
  /** It must be empty or missing. */
  readonly folder: string;
  readonly count: number;
  /** Of the images: 8 or 16. */
  readonly bits: 8 | 16;
  /** 2: outside with membranes, inside. 3: outside, inside, membrane. */
  readonly classes: 2 | 3;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface CellSetSummary {
  /** The path of the file that describes the set. */
  readonly description: string;
  readonly samples: readonly { readonly name: string; readonly cells: number; readonly touching: number }[];
}

/** Making a sample takes about 40 bytes per position, so this takes 3 GB. */
const MOST_POSITIONS = 2 ** 26;
/** Instances have numbers of 16 bits. */
const MOST_CELLS = 65535;
const MOST_SAMPLES = 1_000_000;
const LEAST_SIZE = 16;

const RADII = [4, 1000] as const;

/** Fails if the numbers make no set. */
function invalidSetting({ count, shape, spacing, radius, seed }: CellSetOptions): Failure | undefined {
  const invalid = (problem: CellSetProblem) => failure('cell-set-setting', { problem });
  if (!Number.isInteger(count) || count < 1 || count > MOST_SAMPLES) {
    return invalid({ setting: 'count', value: count, most: MOST_SAMPLES });
  }
  if (shape.some((size) => !Number.isInteger(size) || size < LEAST_SIZE)) {
    return invalid({ setting: 'size', shape, least: LEAST_SIZE });
  }
  const positions = elementCount(shape);
  if (positions > MOST_POSITIONS) {
    return invalid({ setting: 'positions', shape, positions, most: MOST_POSITIONS });
  }
  if (spacing.length !== shape.length || spacing.some((distance) => !(distance > 0 && distance < 1e6))) {
    return invalid({ setting: 'spacing', spacing, rank: shape.length });
  }
  const [least, most] = RADII;
  if (!(radius >= least && radius <= most)) return invalid({ setting: 'radius', value: radius, least, most });
  if (!Number.isSafeInteger(seed) || seed < 0) return invalid({ setting: 'seed', value: seed });
  const scale = relativeSpacing(spacing);
  if (scale.some((distance) => distance > radius / 2)) {
    return invalid({ setting: 'thin-cells', spacing, radius });
  }
  const cells = latticePoints(
    shape.map((size, axis) => size * (scale[axis] ?? 1)),
    radius,
  );
  return cells > MOST_CELLS
    ? invalid({ setting: 'cells', shape, cells, radius, most: MOST_CELLS })
    : undefined;
}

function gray(image: Float32Array, bits: 8 | 16): Uint8Array | Uint16Array {
  const most = 2 ** bits - 1;
  const round = (value: number) => Math.floor(value * most + 0.5);
  return bits === 8 ? Uint8Array.from(image, round) : Uint16Array.from(image, round);
}

/** The class of each position: see `classes` of CellSetOptions. */
function classesOf({ regions }: CellSample, classes: 2 | 3): Uint8Array {
  return classes === 3 ? regions : regions.map((region) => (region === 1 ? 1 : 0));
}

/** A gray PNG of 8 or 16 bits, by the type of `data`, (height, width). */
async function encodeGrayPng(
  data: Uint8Array | Uint16Array,
  height: number,
  width: number,
): Promise<Uint8Array | Failure> {
  const sharp = await importSharp();
  if (sharp instanceof Failure) return sharp;
  const image = sharp(data, { raw: { width, height, channels: 1 }, limitInputPixels: false });
  return image
    .toColourspace(data instanceof Uint16Array ? 'grey16' : 'b-w')
    .png({ compressionLevel: 6, adaptiveFiltering: false, palette: false })
    .toBuffer();
}

async function encode(
  data: Uint8Array | Uint16Array,
  { shape, spacing }: CellSetOptions,
  slope: number,
): Promise<Iterable<Uint8Array> | Failure> {
  const [height = 1, width = 1] = shape;
  if (shape.length === 2) {
    const png = await encodeGrayPng(data, height, width);
    return png instanceof Failure ? png : [png];
  }
  const wide = data instanceof Uint16Array;
  const names = ['z', 'y', 'x'] as const;
  const header: ArrayHeader = {
    path: 'synthetic cells',
    format: 'NIfTI-1',
    axes: names.map((name, i) => ({ name, size: shape[i] ?? 1 })),
    type: wide ? 'uint16' : 'uint8',
    bits: wide ? 16 : 8,
    scale: { slope, intercept: 0 },
    colour: 'none',
    geometry: { affine: uprightAffine(spacing, 'um'), spacing, unit: 'um', orientation: 'RAS' },
    notes: [],
  };
  return encodeArray('cells.nii.gz', { header, data });
}

/** The three files of a sample, ready to be written. */
async function filesOf(
  sample: CellSample,
  name: string,
  options: CellSetOptions,
): Promise<FileContent[] | Failure> {
  const { folder, bits, classes } = options;
  // The slope of a volume scales its gray values to 0..1, the range that the values of a PNG always have.
  const parts = [
    { part: 'images', data: gray(sample.image, bits), slope: 1 / (2 ** bits - 1) },
    { part: 'masks', data: classesOf(sample, classes), slope: 1 },
    { part: 'instances', data: sample.instances, slope: 1 },
  ];
  const files: FileContent[] = [];
  for (const { part, data, slope } of parts) {
    const bytes = await encode(data, options, slope);
    if (bytes instanceof Failure) return bytes;
    files.push({ path: join(folder, part, name), chunks: bytes });
  }
  return files;
}

function describe(options: CellSetOptions, ending: string, samples: CellSetSummary['samples']): string {
  const { shape, spacing, radius, seed, bits, classes, count } = options;
  const volume = shape.length === 3;
  const about = {
    name: 'cells',
    description: 'Synthetic microscopy: touching cells with a stained membrane',
    generator: {
      name: 'unet data cells',
      version: GENERATOR_VERSION,
      seed,
      radius,
      random: 'sfc32, its state from SHA-256 of the text "SEED\\ncells/INDEX/PART", INDEX from 0',
    },
    channel_names: { 0: 'membrane stain' },
    labels: { background: 0, cell: 1, ...(classes === 3 ? { membrane: 2 } : {}) },
    numTraining: count,
    file_ending: ending,
    format: {
      images: `images/*${ending}: gray, ${bits} bits${volume ? ', slope and intercept to 0..1' : ''}`,
      masks: `masks/*${ending}: class numbers, 8 bits; ${
        classes === 3
          ? 'membranes are a class'
          : 'membranes are background, so that touching cells are separate'
      }`,
      instances: `instances/*${ending}: the number of the cell, 16 bits; 0 on membranes and outside`,
    },
    axes: volume ? ['D', 'H', 'W'] : ['H', 'W'],
    size: shape,
    ...(volume ? { spacing, spacingUnit: 'um' } : {}),
  };
  const rows = samples.map((sample) => `    ${JSON.stringify(sample)}`).join(',\n');
  return `${JSON.stringify(about, null, 2).slice(0, -2)},\n  "samples": [\n${rows}\n  ]\n}\n`;
}

/** Fails unless the folder is missing or empty. */
function usedFolder(folder: string): Failure | undefined {
  try {
    if (!existsSync(folder)) return undefined;
    if (!statSync(folder).isDirectory()) return failure('output-folder-used', { folder, found: 'a file' });
    return readdirSync(folder).length === 0
      ? undefined
      : failure('output-folder-used', { folder, found: 'files' });
  } catch (error) {
    return fileFailure('write', folder, error);
  }
}

/**
 * Writes `count` samples into an empty or missing folder: `images`, `masks` and `instances`, as PNG with two axes and as
 * .nii.gz with three, and finally `dataset.json`. One sample is in memory at a time, and its three files appear together.
 * Fails for numbers that make no set, for a folder that is not empty, and if writing fails; then it removes what it wrote.
 */
export async function writeCellSet(options: CellSetOptions): Promise<CellSetSummary | Failure> {
  const { folder, count, shape } = options;
  const invalid = invalidSetting(options) ?? usedFolder(folder);
  if (invalid !== undefined) return invalid;
  const wasThere = existsSync(folder);
  const ending = shape.length === 3 ? '.nii.gz' : '.png';
  const digits = Math.max(3, String(count).length);
  const samples: { name: string; cells: number; touching: number }[] = [];
  const description = join(folder, 'dataset.json');
  const write = async (): Promise<Failure | undefined> => {
    for (let index = 0; index < count; index++) {
      const sample = cellSample(options, index);
      const name = `cells-${String(index + 1).padStart(digits, '0')}`;
      const files = await filesOf(sample, `${name}${ending}`, options);
      if (files instanceof Failure) return files;
      const failed = writeFilesAtomically(files, { overwrite: false });
      if (failed !== undefined) return failed;
      samples.push({ name, cells: sample.cells, touching: sample.touching });
      options.onProgress?.(index + 1, count);
    }
    const text = describe(options, ending, samples);
    return writeFileAtomically(description, [new TextEncoder().encode(text)], { overwrite: false });
  };
  const failed = await write();
  if (failed === undefined) return { description, samples };
  for (const part of ['images', 'masks', 'instances']) removeFolder(join(folder, part));
  if (!wasThere) removeFolder(folder);
  return failed;
}

function removeFolder(path: string): void {
  try {
    if (existsSync(path)) rmSync(path, { recursive: true });
  } catch {
    // The user should learn of the failure that led here.
  }
}
