import type { CompiledNetwork } from '../compiler/compile.js';
import type { DataSet } from '../data/data-set.js';
import type { Sample } from '../data/samples/sample.js';
import { shapeText } from '../runtime/tensor.js';

/**
 * A sentence for each way in which images are changed for a network.
 *
 * @param patch the size of the labels of a patch
 */
export function dataNotes(
  { name, spec }: CompiledNetwork,
  { samples, coloured, channels, plain, notes: ownNotes }: DataSet,
  patch: readonly number[],
): readonly string[] {
  const notes: string[] = [...ownNotes];
  const input = (count: number) => `\`input = ${shapeText([count, ...spec.input.value.spatial])}\``;
  const counted = (count: number) => `${count} of ${samples.length} images`;
  if (coloured > 0 && channels === 1) {
    notes.push(
      `${counted(coloured)} have colours, but ${name} takes one channel, so they are read in gray; to use the colours, ` +
        `set ${input(3)}`,
    );
  } else if (plain > 0 && channels >= 3) {
    notes.push(
      `${counted(plain)} are gray, but ${name} takes ${channels} channels, so the first three channels are equal; to use ` +
        `one channel, set ${input(1)}`,
    );
  }
  const small = samples.filter((sample) => isSmaller(sample, patch));
  const [first] = small;
  if (first) {
    notes.push(
      `${counted(small.length)} are smaller than the patch of ${shapeText(patch)} (${first.name} is ` +
        `${shapeText(first.spatial)}), so they are mirrored at their borders; to use them unchanged, set a smaller \`patch\``,
    );
  }
  return notes;
}

function isSmaller({ spatial }: Sample, patch: readonly number[]): boolean {
  return spatial.some((size, axis) => size < (patch[axis] ?? 0));
}
