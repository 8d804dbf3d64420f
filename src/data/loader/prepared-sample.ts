import { Failure } from '../../diagnostics/failure.js';
import { shapeText } from '../../runtime/tensor.js';
import type { LabelledImage } from '../data-set.js';
import { countClassesByChunk } from '../patches/class-positions.js';
import { borderWeights, instancesOf } from '../weight-map/border.js';
import type { ResolvedSettings } from './settings.js';
import { readInstances, type StoredSample } from './stored-sample.js';

/** A decoded sample and what is computed once of the whole of it. */
export interface PreparedSample {
  readonly name: string;
  /** (...spatial). */
  readonly spatial: readonly number[];
  readonly spacing: readonly number[] | undefined;
  /** (C, ...spatial). */
  readonly image: Float32Array;
  /** (...spatial). */
  readonly classes: Uint8Array;
  /** (...spatial): the border weights; undefined where the recipe has none. */
  readonly border: Float32Array | undefined;
  /** Of countClasses. */
  readonly counts: Uint32Array;
}

/** Copies numbers to memory that threads share, so that they go from one to the other without a copy. */
function shareFloats(values: Float32Array): Float32Array {
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}

/** A sample in memory that threads share. */
function shareSample(sample: PreparedSample): PreparedSample {
  const classes = new Uint8Array(new SharedArrayBuffer(sample.classes.byteLength));
  classes.set(sample.classes);
  const counts = new Uint32Array(new SharedArrayBuffer(sample.counts.byteLength));
  counts.set(sample.counts);
  const border = sample.border && shareFloats(sample.border);
  return { ...sample, image: shareFloats(sample.image), classes, counts, border };
}

/**
 * Reads a sample, and computes its border weights from its instances, or else from the pieces of its label. `shared`: into
 * memory that threads share.
 */
export async function prepareSample(
  stored: StoredSample,
  read: () => Promise<LabelledImage | Failure>,
  settings: ResolvedSettings,
  shared: boolean,
): Promise<PreparedSample | Failure> {
  try {
    const labelled = await read();
    if (labelled instanceof Failure) return labelled;
    const { classes, image, spacing } = labelled;
    const { spatial } = stored;
    let border: Float32Array | undefined;
    if (settings.border !== undefined) {
      const instances = await readInstances(stored);
      if (instances instanceof Failure) return instances;
      border = borderWeights(instances ?? instancesOf(classes, spatial), spatial, settings.border);
    }
    const counts = countClassesByChunk(classes, settings.classWeights.length);
    const sample = { name: labelled.name, spatial, spacing, image: image.data, classes, border, counts };
    return shared ? shareSample(sample) : sample;
  } catch (error) {
    // What Node throws where memory ends.
    if (!(error instanceof RangeError)) throw error;
    return new Failure(
      `${stored.images[0]}: its ${shapeText(stored.spatial)} positions do not fit into memory`,
    );
  }
}
