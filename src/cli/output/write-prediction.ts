import { Failure, failure } from '../../diagnostics/failure.js';
import { encodeArray } from '../../formats/write.js';
import { onGridOf, pagesAsDepth } from '../../images/scatter.js';
import { labelsOf } from '../../predict/labels/labels-of.js';
import type { LabelRule } from '../../predict/model/label-rule.js';
import { writeFileAtomically } from '../../runtime/files/write-file.js';
import { type Mask, writeMask, writeProbabilities } from '../../runtime/images/mask.js';
import { npyChunks } from '../../runtime/images/npy.js';
import { elementCount, type Tensor } from '../../runtime/tensor.js';
import type { RunInput } from '../input/inference/run-input.js';

/** Which files to write, and how. */
export interface PredictionFiles {
  readonly output: string;
  /** Also writes an image per class, PREFIX-0.png, PREFIX-1.png, .... */
  readonly probabilities?: string;
  /** Class numbers in place of visible gray values in a PNG. */
  readonly labels?: boolean;
  /** Above this, one channel means class 1. */
  readonly threshold: number;
  readonly head: string | undefined;
  /** How output channels become labels. */
  readonly rule: LabelRule;
}

/** The result for one image: (K, ...spatial). Returns the paths of the files that are written. */
export async function writePrediction(
  results: readonly Tensor[],
  input: RunInput,
  files: PredictionFiles,
): Promise<readonly string[] | Failure> {
  const { output, head } = files;
  if (/\.npy$/i.test(output)) return writeNpy(results, output);
  const masks: Mask[] = [];
  for (const result of results) {
    const mask = labelsOf(result, files.threshold, files.rule);
    if (mask instanceof Failure) return mask;
    masks.push(mask);
  }
  const [only] = masks;
  if (/\.png$/i.test(output) && only && masks.length === 1 && only.shape.length === 2) {
    return writePngs(only, results[0], files);
  }
  if (/\.png$/i.test(output)) {
    const shape = masks.length > 1 ? [masks.length, ...(only?.shape ?? [])] : (only?.shape ?? []);
    return failure('mask-not-2d', { shape });
  }
  if (head === 'logits' && files.probabilities !== undefined) return failure('no-probabilities', {});
  const wide = masks.some(({ data }) => data instanceof Uint16Array);
  const type = wide ? 'uint16' : 'uint8';
  const labels = onGridOf(
    input.header,
    input.layout,
    input.options,
    masks.map(({ data }) => data),
    type,
  );
  if (labels instanceof Failure) return labels;
  const chunks = encodeArray(output, /\.tiff?$/i.test(output) ? labels : pagesAsDepth(labels));
  if (chunks instanceof Failure) return chunks;
  return writeFileAtomically(output, chunks) ?? [output];
}

/** All channels: (K, ...spatial), or (N, K, ...spatial) of several images. */
function writeNpy(results: readonly Tensor[], path: string): readonly string[] | Failure {
  const [first] = results;
  if (first === undefined || results.length === 1) {
    return first ? (writeFileAtomically(path, npyChunks(first)) ?? [path]) : [];
  }
  const shape = [results.length, ...first.shape];
  const [header = new Uint8Array()] = npyChunks({
    shape,
    data: new Float32Array(elementCount([0, ...shape])),
  });
  const parts = results.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return writeFileAtomically(path, [header, ...parts]) ?? [path];
}

async function writePngs(
  mask: Mask,
  result: Tensor | undefined,
  { output, head, labels, probabilities }: PredictionFiles,
): Promise<readonly string[] | Failure> {
  if (head === 'logits' && probabilities !== undefined) return failure('no-probabilities', {});
  const unwritten = await writeMask(output, mask, { labels: labels ? 'index' : 'spread' });
  if (unwritten) return unwritten;
  if (probabilities === undefined || result === undefined) return [output];
  const pathOf = (index: number) => `${probabilities}-${index}.png`;
  const failed = await writeProbabilities(pathOf, result);
  return failed ?? [output, ...Array.from({ length: result.shape[0] ?? 0 }, (_, i) => pathOf(i))];
}
