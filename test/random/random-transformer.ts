import type { OpKind } from '../../src/ir/op-attributes.js';
import { Random } from '../grammar/random.js';

/** A random small network with attention, as a text, and what the text says of it. */
export interface RandomTransformer {
  readonly text: string;
  readonly rank: 2 | 3;
  /** The declared input, without the channels. */
  readonly spatial: readonly number[];
  /** Whether a table of positions is in it. */
  readonly pinned: boolean;
}

export const TRANSFORMER = 'Net';

/** The ops that only these random networks have, and no other ones. */
export const transformerKinds: readonly OpKind[] = ['attention', 'positions'];

/** How a level with attention and no positions, which takes every size, is written. */
const looseBlocks = `block Attending(c, heads) {
  n = input -> layer
  a = attention(n -> conv(1, c), n -> conv(1, c, bias: false), n -> conv(1, c), heads: heads)
  input + (a -> conv(1, c))
}
block Itself(c, heads) { h = input -> conv(1, c) -> silu  attention(h, h, h, heads: heads) }
block Level(c, heads) { input -> double(c, n: 1) -> Attending(c, heads) }
block OtherLevel(c, heads) { input -> double(c, n: 1) -> Itself(c, heads) }
`;

/** The network of a seed: two or three axes, one or two poolings, a transformer at the bottleneck or attention in levels. */
export function randomTransformer(seed: number): RandomTransformer {
  const random = new Random(seed);
  const rank = random.chance(0.4) ? 3 : 2;
  const depth = 1 + random.below(2);
  const pinned = random.chance(0.5);
  const padding = random.pick(['same', 'same', 'valid', 'reflect']);
  const patch = pinned && padding !== 'valid' ? random.pick([1, 1, 2]) : 1;
  const heads = random.pick([1, 2, 3]);
  const dim = heads * random.pick([2, 4]);
  // With valid padding a block of one conv takes 2 positions a level; the bottleneck has none.
  const loss = padding === 'valid' ? 2 : 0;
  const spatial = Array.from({ length: rank }, () => {
    let size = patch * (rank === 3 ? 2 : 3 + random.below(2));
    for (let level = 0; level < depth; level += 1) size = 2 * (size + loss) + loss;
    return size;
  });
  const loose = `${random.pick(['Level', 'OtherLevel'])}(heads: ${random.pick([1, 2])})`;
  const bottleneck = pinned
    ? `transformer(layers: ${1 + random.below(2)}, heads: ${heads}, dim: ${dim}, mlp: ${2 * dim}, patch: ${patch})`
    : loose;
  const attributes = [
    `input = ${[1 + random.below(3), ...spatial].join(' x ')}`,
    'classes = 2',
    `depth = ${depth}`,
    `channels = ${random.pick([4, 6])}`,
    `padding = ${padding}`,
    'repeat = 1',
    `norm = ${random.pick(['none', 'batch', 'layer'])}`,
    `bias = ${random.chance(0.5)}`,
    `up = ${random.pick(['transpose', 'nearest(conv: 1)', rank === 2 ? 'bilinear' : 'trilinear'])}`,
    `bottleneck = ${bottleneck}`,
    ...(random.chance(0.3) ? [`block[${depth}] = ${loose}`] : []),
  ];
  const text = `${looseBlocks}unet ${TRANSFORMER} {\n  ${attributes.join('\n  ')}\n}\n`;
  return { text, rank, spatial, pinned };
}
