import { byGroup, divide, fileOf, type NamedSample, type Split } from './split.js';

/** The samples in the order of their pages, if they are the pages of one file. */
export function pagesOfOneFile<T extends NamedSample>(samples: readonly T[]): readonly T[] | undefined {
  if (samples.length < 2 || byGroup(samples, fileOf).size > 1) return undefined;
  const numberOf = ({ name }: T) => Number(/#(\d+)$/.exec(name)?.[1] ?? 0);
  return samples.toSorted((a, b) => numberOf(a) - numberOf(b));
}

/** A block of neighbouring pages validates, from `start` to before `end`; a note says what that means. */
export function blockOfPages<T extends NamedSample>(
  samples: readonly T[],
  pages: readonly T[],
  start: number,
  end: number,
): Split<T> {
  const block = pages.slice(start, end);
  const chosen = new Set(block);
  const [first, last] = [block[0]?.name ?? '', block.at(-1)?.name ?? ''];
  const range = block.length === 1 ? first : `${first} to ${last}`;
  return {
    ...divide(samples, (sample) => chosen.has(sample)),
    notes: [
      `all images are pages of one file, so a block of its pages validates: ${range}, ${block.length} of ` +
        `${pages.length}; pages next to each other are alike, so expect a worse Dice on another file`,
    ],
  };
}
