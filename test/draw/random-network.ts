import type { TestNetwork } from './networks.js';

/** Mulberry32: a small seeded generator of numbers in [0, 1). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The i-th random network; every size in it is a positive integer. */
export function randomNetwork(seed: number): TestNetwork {
  const random = generator(seed);
  const pick = <T>(...choices: readonly [T, ...T[]]): T =>
    choices[Math.floor(random() * choices.length)] ?? choices[0];
  const rank = pick(2, 3);
  const depth = 1 + Math.floor(random() * 8);
  const repeat = pick(0, 1, 2, 2, 3, 6);
  const padding = pick('valid', 'same');
  const flat = random() < 0.3;
  // From the bottleneck's output upwards: each block of a valid network loses 2 a conv, and pooling halves.
  const loss = padding === 'valid' ? 2 * repeat : 0;
  let size = loss * 2 ** depth + 4;
  const steps = 1 + Math.floor(random() * 3);
  size += steps + loss;
  for (let level = depth; level >= 1; level -= 1) size = size * 2 + loss;
  // Without convs the two sides of a level have different channels, and only a concat can join them.
  const modes = Array.from({ length: depth }, () =>
    repeat === 0 ? pick('none', 'concat') : pick('none', 'concat', 'concat', 'add', 'attention'),
  );
  return {
    name: `Net${seed}`,
    input: Array.from({ length: rank }, () => size),
    inputChannels: pick(1, 3, 12),
    classes: pick(1, 2, 150),
    depth,
    repeat,
    padding,
    channels: pick(8, 24, 64, 320),
    norm: pick('none', 'batch', 'group'),
    pool: pick('max', 'avg', 'conv'),
    up: pick('transpose', 'linear'),
    residual: pick('none', 'none', 'identity', 'projection'),
    deepSupervision: random() < 0.3,
    earlyCopy: repeat > 1 && random() < 0.2,
    lateJoin: padding === 'same' && random() < 0.2,
    skip: (level) => modes[level - 1] ?? 'concat',
    ...(flat && padding === 'same'
      ? { kernel: (level: number) => (rank === 3 && level === 1 ? [1, 3, 3] : Array(rank).fill(3)) }
      : {}),
    ...(random() < 0.2 ? { dropout: 0.5 } : {}),
  };
}
