import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, fileFailure } from '../../diagnostics/failure.js';
import {
  type FileContent,
  writeFileAtomically,
  writeFilesAtomically,
} from '../../runtime/files/write-file.js';
import { elementCount, shapeText } from '../../runtime/tensor.js';
import { encodeGrayPng } from '../files/gray-png.js';
import { encodeNiftiGz } from '../files/nifti.js';
import { placeCount } from './cell-positions.js';
import { type CellOptions, type CellSample, cellSample, relativeSpacing } from './sample.js';

/** A change of what a seed gives raises it. */
const GENERATOR_VERSION = 1;

export interface CellSetOptions extends CellOptions {
  /** Made where there is none; must be empty. */
  readonly folder: string;
  readonly count: number;
  /** Of the images: 8 or 16. */
  readonly bits: 8 | 16;
  /** 2: outside and membranes, inside of a cell. 3: outside, inside, membrane. */
  readonly classes: 2 | 3;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface CellSetSummary {
  /** The folder's file that says what the set is. */
  readonly description: string;
  readonly samples: readonly { readonly name: string; readonly cells: number; readonly touching: number }[];
}

/** Samples work in about 40 bytes a position, so this takes 3 GB. */
const MOST_POSITIONS = 2 ** 26;
/** Instances are numbered in 16 bits. */
const MOST_CELLS = 65535;
const MOST_SAMPLES = 1_000_000;
const LEAST_SIZE = 16;

/** What is wrong with the numbers, if anything is. */
function mismatch({ count, shape, spacing, radius, seed }: CellSetOptions): Failure | undefined {
  if (!Number.isInteger(count) || count < 1 || count > MOST_SAMPLES) {
    return new Failure(`a set has 1 to ${MOST_SAMPLES} samples, not ${count}`);
  }
  if (shape.some((size) => !Number.isInteger(size) || size < LEAST_SIZE)) {
    return new Failure(`the sizes are whole numbers of at least ${LEAST_SIZE}, not ${shapeText(shape)}`);
  }
  const positions = elementCount(shape);
  if (positions > MOST_POSITIONS) {
    return new Failure(
      `${shapeText(shape)} is ${positions} positions; at most ${MOST_POSITIONS} fit into memory`,
    );
  }
  if (spacing.length !== shape.length || spacing.some((step) => !(step > 0 && step < 1e6))) {
    return new Failure(`the spacing is ${shape.length} numbers above 0, not ${shapeText(spacing)}`);
  }
  if (!(radius >= 4 && radius <= 1000)) return new Failure(`the radius is 4 to 1000 pixels, not ${radius}`);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    return new Failure(`the seed is a whole number from 0, not ${seed}`);
  }
  const scale = relativeSpacing(spacing);
  const coarse = scale.findIndex((step) => step > radius / 2);
  if (coarse >= 0) {
    return new Failure(
      `with the spacing ${shapeText(spacing)} a cell of radius ${radius} is less than 4 positions wide; take a larger radius`,
    );
  }
  const places = placeCount(
    shape.map((size, axis) => size * (scale[axis] ?? 1)),
    radius,
  );
  if (places > MOST_CELLS) {
    return new Failure(
      `${shapeText(shape)} has room for ${places} cells of radius ${radius}, but labels of 16 bits number ` +
        `${MOST_CELLS}; take a larger radius`,
    );
  }
  return undefined;
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

async function encode(
  data: Uint8Array | Uint16Array,
  { shape, spacing }: CellSetOptions,
  slope: number,
): Promise<Uint8Array | Failure> {
  const [height = 1, width = 1] = shape;
  if (shape.length === 2) return encodeGrayPng(data, height, width);
  const type = data instanceof Uint16Array ? 'uint16' : 'uint8';
  return encodeNiftiGz({ shape, spacing, unit: 'um', type, slope, description: 'synthetic cells' }, data);
}

/** The three files of a sample, ready to be written. */
async function filesOf(
  sample: CellSample,
  name: string,
  options: CellSetOptions,
): Promise<FileContent[] | Failure> {
  const { folder, bits, classes } = options;
  // A volume says itself that its gray values stand for 0 to 1, as those of a PNG always do.
  const parts = [
    { part: 'images', data: gray(sample.image, bits), slope: 1 / (2 ** bits - 1) },
    { part: 'masks', data: classesOf(sample, classes), slope: 1 },
    { part: 'instances', data: sample.instances, slope: 1 },
  ];
  const files: FileContent[] = [];
  for (const { part, data, slope } of parts) {
    const bytes = await encode(data, options, slope);
    if (bytes instanceof Failure) return bytes;
    files.push({ path: join(folder, part, name), chunks: [bytes] });
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
          : 'membranes are background, so that touching cells are parted'
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

/** Says what is in the way, unless nothing is there or an empty folder. */
function refusal(folder: string): Failure | undefined {
  try {
    if (!existsSync(folder)) return undefined;
    if (!statSync(folder).isDirectory())
      return new Failure(`cannot write into ${folder}: it is not a folder`);
    return readdirSync(folder).length === 0
      ? undefined
      : new Failure(`${folder} is not empty: nothing was written`);
  } catch (error) {
    return fileFailure('write', folder, error);
  }
}

/**
 * Writes `count` samples into a folder that is empty or not there: `images`, `masks` and `instances`, as PNG with two
 * axes and as .nii.gz with three, and at the end `dataset.json`. One sample is in memory at a time, and its three
 * files appear together. Fails for numbers that make no set, a folder that is not empty, and when writing does; then
 * it takes away what it wrote.
 */
export async function writeCellSet(options: CellSetOptions): Promise<CellSetSummary | Failure> {
  const { folder, count, shape } = options;
  const wrong = mismatch(options) ?? refusal(folder);
  if (wrong !== undefined) return wrong;
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
      const failure = writeFilesAtomically(files, { overwrite: false });
      if (failure !== undefined) return failure;
      samples.push({ name, cells: sample.cells, touching: sample.touching });
      options.onProgress?.(index + 1, count);
    }
    const text = describe(options, ending, samples);
    return writeFileAtomically(description, [new TextEncoder().encode(text)], { overwrite: false });
  };
  const failure = await write();
  if (failure === undefined) return { description, samples };
  for (const part of ['images', 'masks', 'instances']) takeAway(join(folder, part));
  if (!wasThere) takeAway(folder);
  return failure;
}

function takeAway(path: string): void {
  try {
    if (existsSync(path)) rmSync(path, { recursive: true });
  } catch {
    // The failure that led here is what the user should hear.
  }
}
