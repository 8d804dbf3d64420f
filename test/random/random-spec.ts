import { Random } from '../grammar/random.js';
import { perAxisText, type RandomBlock, randomBlock } from './random-blocks.js';

/** A random network as text. Many of them compile; the others must be refused with a diagnostic. */
export interface RandomSpec {
  readonly seed: number;
  readonly rank: 2 | 3;
  readonly inputChannels: number;
  /** The text with an input of these sizes. */
  textAt(spatial: readonly number[]): string;
}

export interface RandomSpecOptions {
  /** 4 unless given. */
  readonly maximalDepth?: number;
  /** Small kernels, one conv a level: networks whose smallest input is small. */
  readonly light?: boolean;
}

/** The network's name in every random spec. */
export const NETWORK = 'Net';

/** The spec of a seed; the same one each time. */
export function randomSpec(seed: number, options: RandomSpecOptions = {}): RandomSpec {
  return new SpecMaker(new Random(seed), options).make(seed);
}

/** What a failing test says, so that the network can be made again. */
export function seedNote(spec: RandomSpec, spatial: readonly number[]): string {
  return `random spec ${spec.seed}:\n${spec.textAt(spatial)}`;
}

const plainSkips: readonly string[] = [
  'concat',
  'concat',
  'concat',
  'concat(order: up_first)',
  'add',
  'add(project: true)',
  'none',
  'attention',
  'attention(gate: additive, channels: 2)',
  'attention(gate: additive, combine: true, signal: conv)',
  'attention(gates: 2, norm: batch, output: false, order: up_first)',
  'every',
  'every(blocks: 1, order: up_first)',
];
const nestedSkips: readonly string[] = [
  'nested',
  'nested',
  'nested',
  'nested(order: up_first)',
  'nested(deep_supervision: true)',
  'concat',
];

/** Blocks for a pooling, for the way up, and for the head. */
const downBlock = {
  name: 'Down',
  text: 'block Down(c) {\n  input -> conv(stride, c, stride: stride, padding: valid) -> norm -> activation\n}',
};
const upBlock = {
  name: 'Up',
  text: 'block Up(c) {\n  input -> nearest(stride) -> conv(3, c, padding: same) -> relu\n}',
};
const headBlock = 'block Head(c) {\n  input -> conv(1, 3) -> activation -> conv(kernel, c)\n}';

const timedBlock = `block Timed(c) {
  h = input -> conv(kernel, c) -> norm
  (time -> activation -> conv(1, c, padding: valid)) + h -> activation
}`;
const embeddingBlock =
  'block Embedded(_c) {\n  input -> sinusoid(4, period: 100) -> conv(1, 5, bias: false, padding: valid)\n}';

class SpecMaker {
  private readonly rank: 2 | 3;
  private readonly depth: number;
  private readonly light: boolean;
  private readonly lines: string[] = [];
  private readonly declarations: string[] = [];
  private readonly block: RandomBlock | undefined;
  /** The skips that the levels choose from: a grid at all of them, or what comes. */
  private readonly skips: readonly string[];

  constructor(
    private readonly random: Random,
    { maximalDepth = 4, light = false }: RandomSpecOptions,
  ) {
    this.rank = random.pick([2, 2, 3]);
    this.depth = 1 + random.below(maximalDepth);
    this.light = light;
    this.block = random.chance(0.4) ? randomBlock(random, this.rank) : undefined;
    this.skips = random.chance(0.15) ? nestedSkips : plainSkips;
  }

  make(seed: number): RandomSpec {
    const { random, rank, lines, declarations } = this;
    const inputChannels = random.pick([1, 2, 3]);
    lines.push(`classes = ${random.pick([1, 2, 3])}`);
    if (this.depth !== 4 || random.chance(0.5)) lines.push(`depth = ${this.depth}`);
    this.maybe(0.1, () => `stem = ${random.pick(['double(n: 1)', 'residual', 'squeeze_excitation'])}`);
    if (random.chance(0.12)) this.time();
    else this.blocks();
    this.convs();
    this.channels();
    for (let level = 1; level <= this.depth; level += 1) this.downAndUp(level);
    this.maybe(0.5, () => `head = ${random.pick(['softmax', 'sigmoid', 'logits'])}`);
    this.maybe(0.15, () => {
      declarations.push(headBlock);
      return 'head_block = Head';
    });
    const inner = 1 + random.below(Math.max(1, this.depth - 1));
    const fuse = random.pick(['none', 'sum', 'concat']);
    this.maybe(this.depth > 1 ? 0.15 : 0, () => `deep_supervision = levels(n: ${inner}, fuse: ${fuse})`);
    const before = declarations.map((declaration) => `${declaration}\n`).join('\n');
    const body = lines.map((line) => `  ${line}\n`).join('');
    return {
      seed,
      rank,
      inputChannels,
      textAt: (spatial) =>
        `${before}unet ${NETWORK} {\n  input = ${[inputChannels, ...spatial].join(' x ')}\n${body}}\n`,
    };
  }

  private maybe(probability: number, line: () => string): void {
    if (this.random.chance(probability)) this.lines.push(line());
  }

  /** A second input, which the blocks of a level or of all of them use. */
  private time(): void {
    const { random, depth } = this;
    this.declarations.push(timedBlock);
    const dim = random.pick([4, 6]);
    this.lines.push(`time = ${random.pick([`time_embedding(dim: ${dim})`, 'Embedded'])}`);
    if (this.lines.at(-1)?.endsWith('Embedded')) this.declarations.push(embeddingBlock);
    this.lines.push(
      random.pick(['block = Timed', 'bottleneck = Timed', `block[${1 + random.below(depth)}] = Timed`]),
    );
  }

  private blocks(): void {
    const { random, depth } = this;
    const block = this.block;
    if (block) {
      this.declarations.push(block.text);
      if (block.reduces) {
        // One side only: a decoder level that shrinks what came up has no use.
        const level = 1 + random.below(depth);
        this.lines.push(`block[${level}] = ${block.name}`, `decoder_block[${level}] = double`);
      } else {
        this.lines.push(
          random.pick([`block = ${block.name}`, `block[${1 + random.below(depth)}] = ${block.name}`]),
        );
      }
    } else {
      this.maybe(0.5, () => `block = ${random.pick(['double', 'residual', 'separable', 'double(n: 1)'])}`);
      this.maybe(0.2, () => `decoder_block = ${random.pick(['double', 'residual', 'separable'])}`);
    }
    this.maybe(0.2, () => `bottleneck = ${random.pick(['residual', 'double(n: 1)', 'separable'])}`);
  }

  private convs(): void {
    const { random, rank, depth } = this;
    const light = this.light;
    const kernels = light ? [1, 3] : [1, 3, 3, 3, 3, 5];
    this.maybe(0.5, () => `kernel = ${perAxisText(random, rank, random.chance(0.1) ? [2, 3, 4] : kernels)}`);
    this.maybe(0.3, () => `kernel[${1 + random.below(depth + 1)}] = ${perAxisText(random, rank, kernels)}`);
    this.maybe(
      0.7,
      () => `padding = ${random.pick(['valid', 'valid', 'same', 'same', 'reflect', 'replicate'])}`,
    );
    this.maybe(0.15, () => `padding[bottleneck] = ${random.pick(['valid', 'same', 'reflect', 'replicate'])}`);
    if (light) this.lines.push('repeat = 1');
    else {
      const list = Array.from({ length: depth + 1 }, () => random.pick([1, 2, 3])).join(', ');
      this.maybe(0.5, () => random.pick([`repeat = ${random.pick([1, 2, 3])}`, `repeat = [${list}]`]));
    }
    const norms = [
      'none',
      'batch',
      'batch(affine: false)',
      'instance',
      'group(groups: 2)',
      'group(groups: 1)',
      'layer',
    ];
    this.maybe(0.6, () => `norm = ${random.pick(norms)}`);
    this.maybe(0.15, () => `norm[1] = ${random.pick(norms)}`);
    const activations = [
      'relu',
      'leaky_relu(0.2)',
      'prelu',
      'prelu(shared: true)',
      'elu',
      'gelu',
      'silu',
      'none',
    ];
    this.maybe(0.6, () => `activation = ${random.pick(activations)}`);
    this.maybe(0.3, () => `bias = ${random.chance(0.5)}`);
    this.maybe(0.2, () => `dropout[bottleneck] = 0.5`);
    this.maybe(0.2, () => `init = ${random.pick(['he_uniform', 'glorot_uniform'])}`);
  }

  private channels(): void {
    const { random, depth, lines } = this;
    const base = random.pick([2, 4]);
    const list = Array.from({ length: depth + 1 }, () => random.pick([2, 3, 4, 6, 8]));
    switch (random.below(5)) {
      case 0:
        lines.push(`channels = [${list.join(', ')}]`);
        break;
      case 1:
        lines.push(`channels = min(${base} * 2^(level - 1), 8)`);
        break;
      case 2:
        this.declarations.push(`param width = ${base}`);
        lines.push('channels = width');
        break;
      default:
        lines.push(`channels = ${base}`);
    }
    this.maybe(0.15, () => `decoder_channels = [${list.slice(0, depth).join(', ')}]`);
    this.maybe(0.3, () => 'doubling = before_pool');
  }

  /** The pooling of a level, what undoes it, and the skip between them: usually such that they fit. */
  private downAndUp(level: number): void {
    const { random, rank, lines } = this;
    const factor = random.chance(0.12) ? 3 : 2;
    const stride = Array.from({ length: rank }, () => (random.chance(0.12) ? 1 : factor));
    const isPlain = stride.every((one) => one === 2);
    const overlaps = random.chance(0.15);
    const window = stride.map((one) => one + (overlaps && random.chance(0.7) ? 1 : 0));
    const [strideText, windowText] = [stride.join('x'), window.join('x')];
    const skip = random.pick(this.skips);
    if (!overlaps && random.chance(0.2)) {
      lines.push(`stride[${level}] = ${strideText}`);
      if (random.chance(0.6)) lines.push(`pool[${level}] = ${this.way(downBlock)}`);
    } else if (!isPlain || overlaps || random.chance(0.4)) {
      const pools = overlaps
        ? [`max(${windowText}, stride: ${strideText})`, `avg(window: ${windowText}, stride: ${strideText})`]
        : [`max(${strideText})`, `avg(${strideText})`, `conv(stride: ${strideText})`];
      if (random.chance(0.15)) pools.push(`conv(kernel: 3, stride: ${strideText})`);
      lines.push(`pool[${level}] = ${random.pick(pools)}`);
    }
    const up = this.up(stride, window, skip);
    if (up !== undefined) lines.push(`up[${level}] = ${up}`);
    if (skip !== 'concat' || random.chance(0.3)) lines.push(`skip[${level}] = ${skip}`);
    const crops = ['pad_up', 'pad_replicate', 'resize', 'center', ...(overlaps ? [] : ['error'])];
    if (skip !== 'none' && random.chance(overlaps ? 0.8 : 0.3))
      lines.push(`crop[${level}] = ${random.pick(crops)}`);
  }

  /** The name of a block that is now declared. */
  private way({ name, text }: { readonly name: string; readonly text: string }): string {
    if (!this.declarations.includes(text)) this.declarations.push(text);
    return name;
  }

  private up(stride: readonly number[], window: readonly number[], skip: string): string | undefined {
    const { random, rank } = this;
    const channels =
      skip === 'add'
        ? 'skip'
        : random.pick(['halve', 'skip', 'skip', 'keep', String(random.pick([2, 3, 4]))]);
    const linear = rank === 2 ? 'bilinear' : 'trilinear';
    const conv = `conv: ${perAxisText(random, rank, [1, 3])}, channels: ${channels}`;
    switch (random.below(8)) {
      case 7:
        return this.way(upBlock);
      case 0:
        return `${linear}(align_corners: ${random.chance(0.5)}, ${conv})`;
      case 1:
        return `nearest(${conv})`;
      case 2:
        return skip === 'add' ? `transpose(channels: skip)` : random.pick(['nearest', linear]);
      case 3: {
        const kernel = stride.map((one) => Math.max(1, one + random.pick([-1, 1, 2])));
        return `transpose(${kernel.join('x')}, ${stride.join('x')}, channels: ${channels}, bias: ${random.chance(0.5)})`;
      }
      case 4:
        return `transpose(${window.join('x')}, stride: ${stride.join('x')}, channels: ${channels})`;
      default:
        return skip === 'add' || random.chance(0.5) ? `transpose(channels: ${channels})` : undefined;
    }
  }
}
