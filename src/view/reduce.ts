import type { WorldAffine } from '../formats/geometry.js';
import { NOT_FINITE } from './coded-values.js';
import type { StackSize, ViewedChannel, ViewedImage, ViewedMask, ViewerContent } from './viewed-image.js';

type Codes = Uint8Array | Uint16Array | Uint32Array;

function reducedSize(size: StackSize, [fz, fy, fx]: StackSize): StackSize {
  return [Math.ceil(size[0] / fz), Math.ceil(size[1] / fy), Math.ceil(size[2] / fx)];
}

/** Calls `visit` with the index of each position of the reduced array and those of the positions it stands for. */
function eachBlock(
  [slices, rows, columns]: StackSize,
  factors: StackSize,
  visit: (index: number, block: Int32Array, count: number) => void,
): void {
  const [fz, fy, fx] = factors;
  const [outSlices, outRows, outColumns] = reducedSize([slices, rows, columns], factors);
  const block = new Int32Array(fz * fy * fx);
  let index = 0;
  for (let z = 0; z < outSlices; z++) {
    for (let y = 0; y < outRows; y++) {
      for (let x = 0; x < outColumns; x++) {
        let count = 0;
        for (let bz = z * fz; bz < Math.min(slices, (z + 1) * fz); bz++) {
          for (let by = y * fy; by < Math.min(rows, (y + 1) * fy); by++) {
            const row = (bz * rows + by) * columns;
            for (let bx = x * fx; bx < Math.min(columns, (x + 1) * fx); bx++) block[count++] = row + bx;
          }
        }
        visit(index++, block, count);
      }
    }
  }
}

function lengthOf(size: StackSize): number {
  return size[0] * size[1] * size[2];
}

// `as number`: blocks hold indices of the arrays, and a check would cost time at every number.

/** The mean of each block; of codes without a number only where the block has no other. */
function reducedChannel(channel: ViewedChannel, size: StackSize, factors: StackSize): ViewedChannel {
  const { codes, hasGaps } = channel;
  const length = lengthOf(reducedSize(size, factors));
  const result = codes instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length);
  eachBlock(size, factors, (index, block, count) => {
    let [sum, found] = [0, 0];
    for (let i = 0; i < count; i++) {
      const code = codes[block[i] as number] as number;
      if (hasGaps && code === NOT_FINITE) continue;
      sum += code;
      found += 1;
    }
    result[index] = found === 0 ? NOT_FINITE : Math.round(sum / found);
  });
  return { ...channel, codes: result };
}

/** The most frequent label of each block, of equally frequent ones the largest. */
function reducedLabels(labels: Codes, size: StackSize, factors: StackSize): Codes {
  const length = lengthOf(reducedSize(size, factors));
  const result =
    labels instanceof Uint8Array
      ? new Uint8Array(length)
      : labels instanceof Uint16Array
        ? new Uint16Array(length)
        : new Uint32Array(length);
  eachBlock(size, factors, (index, block, count) => {
    let [best, most] = [0, 0];
    for (let i = 0; i < count; i++) {
      const label = labels[block[i] as number] as number;
      if (label === best && most > 0) continue;
      let same = 0;
      for (let k = 0; k < count; k++) if (labels[block[k] as number] === label) same += 1;
      if (same > most || (same === most && label > best)) [best, most] = [label, same];
    }
    result[index] = best;
  });
  return result;
}

/** The affine of voxels that stand for `factors` voxels each: their centres are those of the blocks. */
function reducedAffine(affine: WorldAffine, [fz, fy, fx]: StackSize): WorldAffine {
  const factors = [fx, fy, fz];
  return affine.map((row, i) => {
    if (i === 3) return row;
    const moved = factors.reduce((sum, factor, j) => sum + ((row[j] ?? 0) * (factor - 1)) / 2, row[3] ?? 0);
    return [...factors.map((factor, j) => (row[j] ?? 0) * factor), moved];
  });
}

function reducedImage(image: ViewedImage, factors: StackSize): ViewedImage {
  const times = (a: StackSize, b: StackSize): StackSize => [a[0] * b[0], a[1] * b[1], a[2] * b[2]];
  const { geometry, spacing } = image;
  const { native: _, ...placed } = geometry ?? {
    affine: undefined,
    spacing: [],
    unit: undefined,
    orientation: undefined,
  };
  return {
    ...image,
    channels: image.channels.map((channel) => reducedChannel(channel, image.size, factors)),
    size: reducedSize(image.size, factors),
    reduction: times(image.reduction, factors),
    ...(spacing ? { spacing: times(spacing, factors) } : {}),
    ...(geometry
      ? {
          geometry: {
            ...placed,
            affine: geometry.affine && reducedAffine(geometry.affine, factors),
            spacing: geometry.spacing.map(
              (one, i) => one * (factors.slice(-geometry.spacing.length)[i] ?? 1),
            ),
          },
        }
      : {}),
  };
}

/** The content with one position for each block of `factors` positions: means of the image, and the most frequent label. */
export function reducedContent(content: ViewerContent, factors: StackSize): ViewerContent {
  if (factors.every((factor) => factor === 1)) return content;
  const { size } = content.image;
  const masks = content.masks.map(
    (mask): ViewedMask => ({ ...mask, labels: reducedLabels(mask.labels, size, factors) }),
  );
  return { ...content, image: reducedImage(content.image, factors), masks };
}

/**
 * The smallest whole-number factors that bring a stack to at most `limit` positions. Planes are reduced along rows and
 * columns. Of a volume, the axes with the smallest spacing are reduced first.
 */
export function factorsFor(
  { size, kind, spacing }: Pick<ViewedImage, 'size' | 'kind' | 'spacing'>,
  limit: number,
): StackSize {
  const along = spacing ?? [1, 1, 1];
  const least = Math.min(...along);
  for (let length = 1; ; length++) {
    const factor = (axis: 0 | 1 | 2) =>
      kind === 'planes'
        ? length
        : Math.min(size[axis], Math.max(1, Math.floor((length * least) / along[axis] + 1e-6)));
    const factors: StackSize = [kind === 'planes' ? 1 : factor(0), factor(1), factor(2)];
    const isLast = length >= Math.max(...size);
    if (isLast || lengthOf(reducedSize(size, factors)) <= limit) return factors;
  }
}
