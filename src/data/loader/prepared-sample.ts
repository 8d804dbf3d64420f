import { Failure, failure } from '../../diagnostics/failure.js';
import { countClassesByChunk } from '../patches/class-positions.js';
import { readInstances } from '../samples/read-sample.js';
import type { LabelledImage, Sample } from '../samples/sample.js';
import { borderWeights, instancesOf } from '../weight-map/border.js';
import type { ResolvedSettings } from './settings.js';

/** A decoded sample, and what is computed once from the whole of it. */
export interface PreparedSample {
  readonly name: string;
  /** (...spatial). */
  readonly spatial: readonly number[];
  readonly spacing: readonly number[] | undefined;
  /** (C, ...spatial). */
  readonly image: Float32Array;
  /** (...spatial). */
  readonly classes: Uint16Array;
  /** (...spatial): the border weights; undefined if the recipe has none. */
  readonly border: Float32Array | undefined;
  /** See countClassesByChunk. */
  readonly counts: Uint32Array;
}

/** Copies numbers into memory that threads share, so that sending them to another thread copies nothing. */
function shareFloats(values: Float32Array): Float32Array {
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}

/** The sample in memory that threads share. */
function shareSample(sample: PreparedSample): PreparedSample {
  const classes = new Uint16Array(new SharedArrayBuffer(sample.classes.byteLength));
  classes.set(sample.classes);
  const counts = new Uint32Array(new SharedArrayBuffer(sample.counts.byteLength));
  counts.set(sample.counts);
  const border = sample.border && shareFloats(sample.border);
  return { ...sample, image: shareFloats(sample.image), classes, counts, border };
}

/**
 * Prepares a sample for cutting patches: computes its border weights from its instances, or else from the connected
 * components of its label.
 *
 * @param read gives the decoded sample
 * @param isShared whether to put the sample into memory that threads share
 */
export async function prepareSample(
  sample: Sample,
  read: () => Promise<LabelledImage | Failure>,
  settings: ResolvedSettings,
  isShared: boolean,
): Promise<PreparedSample | Failure> {
  try {
    const labelled = await read();
    if (labelled instanceof Failure) return labelled;
    const { name, classes, image, spacing } = labelled;
    const { spatial } = sample;
    let border: Float32Array | undefined;
    if (settings.border !== undefined) {
      const instances = await readInstances(sample);
      if (instances instanceof Failure) return instances;
      border = borderWeights(instances ?? instancesOf(classes, spatial), spatial, settings.border);
    }
    const counts = countClassesByChunk(classes, settings.classWeights.length);
    const prepared = { name, spatial, spacing, image: image.data, classes, border, counts };
    return isShared ? shareSample(prepared) : prepared;
  } catch (error) {
    // Node throws this when memory runs out.
    if (!(error instanceof RangeError)) throw error;
    return failure('sample-memory', { path: sample.images[0] ?? '', shape: sample.spatial });
  }
}
