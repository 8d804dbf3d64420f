import type { CompiledNetwork } from '../../compiler/compile.js';
import type { DataSet, Sample } from '../../data/data-set.js';
import { sizeText } from './output.js';

/** What is done with images that are not as the network has them, a sentence each. `patch` is the size of labels. */
export function dataNotes(
  { name, spec }: CompiledNetwork,
  { samples, coloured, channels, plain }: DataSet,
  patch: readonly number[],
): readonly string[] {
  const notes: string[] = [];
  const input = (count: number) => `\`input = ${sizeText([count, ...spec.input.value.spatial])}\``;
  const counted = (count: number) => `${count} of ${samples.length} images`;
  if (coloured > 0 && channels === 1) {
    notes.push(
      `${counted(coloured)} are stored in colours, and ${name} takes one channel: they are read in gray; ${input(3)} takes colours`,
    );
  } else if (plain > 0 && channels >= 3) {
    notes.push(
      `${counted(plain)} are gray, and ${name} takes ${channels} channels: each of the first three is the gray value; ${input(1)} takes gray`,
    );
  }
  const small = samples.filter((sample) => isSmaller(sample, patch));
  const [first] = small;
  if (first) {
    notes.push(
      `${counted(small.length)} are smaller than the patch of ${sizeText(patch)} (${first.name} is ${sizeText(first.spatial)}): ` +
        'they are mirrored at their borders; a smaller `patch` shows them as they are',
    );
  }
  return notes;
}

function isSmaller({ spatial }: Sample, patch: readonly number[]): boolean {
  return spatial.some((size, axis) => size < (patch[axis] ?? 0));
}
