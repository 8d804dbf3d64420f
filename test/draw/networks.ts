import { SourceFile } from '../../src/diagnostics/source-file.js';
import { GraphBuilder } from '../../src/ir/builder.js';
import type { Graph, Origin, ValueId } from '../../src/ir/graph.js';
import type { ConvAttributes, OpAttributes, OpKind } from '../../src/ir/op-attributes.js';
import { pathOf } from '../ir/stage-paths.js';

/** A U-Net to draw, without the front end: the names of stages are the compiler's. */
export interface TestNetwork {
  readonly name?: string;
  readonly input: readonly number[];
  readonly inputChannels?: number;
  readonly classes?: number;
  readonly depth: number;
  readonly channels: number;
  readonly doubling?: 'after_pool' | 'before_pool';
  readonly repeat?: number;
  readonly padding?: 'valid' | 'same';
  readonly norm?: 'none' | 'batch' | 'group';
  readonly kernel?: (level: number) => readonly number[];
  readonly pool?: 'max' | 'avg' | 'conv';
  readonly up?: 'transpose' | 'linear';
  /** Channels are kept by the up-convolution instead of halved. */
  readonly keep?: boolean;
  readonly skip?: (level: number) => 'none' | 'concat' | 'add' | 'attention';
  readonly residual?: 'none' | 'identity' | 'projection';
  readonly dropout?: number;
  readonly deepSupervision?: boolean;
  /** Skips leave before the last conv of an encoder level. */
  readonly earlyCopy?: boolean;
  /** Skips arrive after the first conv of a decoder level. */
  readonly lateJoin?: boolean;
}

const span = { file: new SourceFile('test.unet', ''), start: 0, end: 0 };
const origin: Origin = { span, uses: [] };

class NetworkMaker {
  readonly builder: GraphBuilder;
  readonly rank: number;
  /** The value before the last conv of the block that was made last. */
  private beforeLast = 0;

  constructor(readonly net: TestNetwork) {
    this.rank = net.input.length;
    this.builder = new GraphBuilder(net.name ?? 'UNet', this.rank);
  }

  op<K extends OpKind>(
    kind: K,
    inputs: readonly ValueId[],
    attributes: OpAttributes[K],
    path: string,
  ): ValueId {
    const id = this.builder.add(kind, inputs, attributes, pathOf(path), origin);
    if (typeof id !== 'number') throw new Error(id);
    return id;
  }

  every(value: number): readonly number[] {
    return Array.from({ length: this.rank }, () => value);
  }

  conv(x: ValueId, channels: number, path: string, change: Partial<ConvAttributes> = {}): ValueId {
    const kernel = change.kernel ?? this.every(3);
    const margin = kernel.map((size) => (this.net.padding === 'same' ? (size - 1) / 2 : 0));
    const attributes: ConvAttributes = {
      kernel,
      stride: this.every(1),
      dilation: this.every(1),
      before: margin,
      after: margin,
      residue: this.every(0),
      channels,
      groups: 1,
      bias: true,
      init: 'he_normal',
      ...change,
    };
    return this.op('conv', [x], attributes, path);
  }

  normed(x: ValueId, path: string): ValueId {
    switch (this.net.norm ?? 'none') {
      case 'none':
        return x;
      case 'batch':
        return this.op('batchNorm', [x], { affine: true, momentum: 0.1, eps: 1e-5 }, path);
      case 'group':
        return this.op('groupNorm', [x], { groups: 8, affine: true, eps: 1e-5 }, path);
    }
  }

  block(input: ValueId, level: number, channels: number, path: string): ValueId {
    const { repeat = 2, residual = 'none', dropout, kernel, doubling } = this.net;
    const size = kernel?.(level) ?? this.every(3);
    let x = input;
    for (let index = 1; index <= repeat; index += 1) {
      const narrow = doubling === 'before_pool' && !path.startsWith('decoder') && index < repeat;
      this.beforeLast = x;
      x = this.conv(x, narrow ? channels / 2 : channels, path, { kernel: size });
      x = this.normed(x, path);
      const last = index === repeat;
      if (last && residual !== 'none') {
        const shortcut =
          residual === 'projection'
            ? this.normed(this.conv(input, channels, path, { kernel: this.every(1) }), path)
            : input;
        if (this.builder.node(shortcut).channels === channels) x = this.op('add', [x, shortcut], {}, path);
      }
      x = this.op('relu', [x], {}, path);
    }
    return dropout === undefined ? x : this.op('dropout', [x], { rate: dropout }, path);
  }

  pool(x: ValueId, level: number): ValueId {
    const path = `pool[${level}]`;
    const window = { window: this.every(2), stride: this.every(2) };
    switch (this.net.pool ?? 'max') {
      case 'max':
        return this.op('maxPool', [x], window, path);
      case 'avg':
        return this.op('avgPool', [x], window, path);
      case 'conv': {
        const channels = this.builder.node(x).channels;
        return this.conv(x, channels, path, {
          kernel: this.every(2),
          stride: this.every(2),
          before: this.every(0),
          after: this.every(0),
        });
      }
    }
  }

  up(x: ValueId, level: number, channels: number): ValueId {
    const path = `up[${level}]`;
    if (this.net.up === 'linear') {
      const large = this.op(
        'resize',
        [x],
        { mode: 'linear', factor: this.every(2), alignCorners: false },
        path,
      );
      return this.op(
        'relu',
        [this.normed(this.conv(large, channels, path, { kernel: this.every(1) }), path)],
        {},
        path,
      );
    }
    return this.op(
      'convTranspose',
      [x],
      {
        kernel: this.every(2),
        stride: this.every(2),
        before: this.every(0),
        after: this.every(0),
        channels,
        bias: true,
        init: 'he_normal',
      },
      path,
    );
  }

  /** The encoder's map cut to the size of the decoder's. */
  skip(from: ValueId, to: ValueId, level: number): ValueId {
    const size = (id: ValueId, axis: number): number => {
      const { p, q, d } = this.builder.node(id).spatial[axis] ?? { p: 0, q: 0, d: 1 };
      return (p * (this.net.input[axis] ?? 0) + q) / d;
    };
    const lost = this.net.input.map((_, axis) => size(from, axis) - size(to, axis));
    const before = lost.map((total) => Math.floor(total / 2));
    const after = lost.map((total) => Math.ceil(total / 2));
    this.builder.crop({ level, before, after });
    if (lost.every((total) => total === 0)) return from;
    return this.op('crop', [from], { before, after }, `skip[${level}]`);
  }

  gated(x: ValueId, signal: ValueId, level: number): ValueId {
    const path = `skip[${level}]`;
    const one = { kernel: this.every(1), before: this.every(0), after: this.every(0) };
    const sum = this.op('add', [this.conv(x, 8, path, one), this.conv(signal, 8, path, one)], {}, path);
    const weights = this.op('sigmoid', [this.conv(this.op('relu', [sum], {}, path), 1, path, one)], {}, path);
    return this.op('mul', [x, weights], {}, path);
  }

  make(): Graph {
    const { net, builder } = this;
    const { depth, channels, classes = 2, inputChannels = 1 } = net;
    const width = (level: number) => channels * 2 ** (level - 1);
    let x = this.op('input', [], { channels: inputChannels }, 'input');
    builder.stage(pathOf('input'), x);
    const copies: ValueId[] = [];
    for (let level = 1; level <= depth; level += 1) {
      x = this.block(x, level, width(level), `encoder[${level}]`);
      builder.stage(pathOf(`encoder[${level}]`), x);
      copies[level] = net.earlyCopy ? this.beforeLast : x;
      x = this.pool(x, level);
      builder.stage(pathOf(`pool[${level}]`), x);
    }
    x = this.block(x, depth + 1, width(depth + 1), 'bottleneck');
    builder.stage(pathOf('bottleneck'), x);
    const sideOutputs: { readonly name: string; readonly value: ValueId }[] = [];
    for (let level = depth; level >= 1; level -= 1) {
      x = this.up(x, level, net.keep ? width(level + 1) : width(level));
      builder.stage(pathOf(`up[${level}]`), x);
      const mode = net.skip?.(level) ?? 'concat';
      const path = `decoder[${level}]`;
      if (net.lateJoin) x = this.op('relu', [this.conv(x, width(level), path)], {}, path);
      if (mode !== 'none') {
        let copy = this.skip(copies[level] ?? 0, x, level);
        if (mode === 'attention') copy = this.gated(copy, x, level);
        builder.stage(pathOf(`skip[${level}]`), copy);
        x = mode === 'add' ? this.op('add', [copy, x], {}, path) : this.op('concat', [copy, x], {}, path);
      }
      x = this.block(x, level, width(level), path);
      builder.stage(pathOf(path), x);
      if (net.deepSupervision && level > 1) {
        const side = this.conv(x, classes, `head[${level}]`, { kernel: this.every(1) });
        sideOutputs.push({ name: `output[${level}]`, value: side });
      }
    }
    x = this.conv(x, classes, 'head', { kernel: this.every(1) });
    x = this.op('softmax', [x], {}, 'head');
    builder.stage(pathOf('output'), x);
    builder.output('output', x);
    for (const { name, value } of sideOutputs) builder.output(name, value);
    return builder.finish(net.input);
  }
}

export function networkOf(net: TestNetwork): Graph {
  return new NetworkMaker(net).make();
}

/** The networks that people look at first, and those that are hard to place. */
export const examples = {
  unet2d: { name: 'UNet2D', input: [572, 572], depth: 4, channels: 64 },
  unet3d: {
    name: 'UNet3D',
    input: [132, 132, 116],
    inputChannels: 3,
    classes: 3,
    depth: 3,
    channels: 64,
    doubling: 'before_pool',
    norm: 'batch',
    keep: true,
  },
  padded: {
    name: 'PaddedUNet',
    input: [256, 256],
    inputChannels: 3,
    depth: 4,
    channels: 64,
    padding: 'same',
    norm: 'batch',
    up: 'linear',
  },
  depth1: { name: 'Tiny', input: [64, 64], depth: 1, channels: 16 },
  depth7: { name: 'Deep', input: [1024, 1024], depth: 7, channels: 32, padding: 'same' },
  anisotropic: {
    name: 'Anisotropic',
    input: [36, 160, 160],
    depth: 2,
    channels: 32,
    padding: 'valid',
    kernel: (level) => (level === 1 ? [1, 3, 3] : [3, 3, 3]),
  },
  residual: {
    name: 'VNetLike',
    input: [128, 128],
    depth: 3,
    channels: 16,
    padding: 'same',
    norm: 'group',
    residual: 'projection',
    pool: 'conv',
    skip: () => 'add',
  },
  attention: {
    name: 'AttentionUNet',
    input: [256, 256],
    depth: 4,
    channels: 32,
    padding: 'same',
    skip: () => 'attention',
    deepSupervision: true,
  },
  mixedSkips: {
    name: 'MixedSkips',
    input: [572, 572],
    depth: 4,
    channels: 64,
    skip: (level) => (['none', 'add', 'none', 'concat'] as const)[level - 1] ?? 'concat',
  },
  long: { name: 'Long', input: [4096, 4096], depth: 8, channels: 8, repeat: 6, padding: 'same' },
  longValid: { name: 'LongValid', input: [5876, 5876], depth: 6, channels: 8, repeat: 6 },
  earlyCopy: {
    name: 'EarlyCopy',
    input: [96, 96],
    depth: 3,
    channels: 16,
    repeat: 3,
    earlyCopy: true,
    residual: 'identity',
    padding: 'same',
  },
  lateJoin: {
    name: 'LateJoin',
    input: [96, 96],
    depth: 3,
    channels: 16,
    lateJoin: true,
    padding: 'same',
    skip: (level) => (level === 2 ? 'add' : 'concat'),
  },
  emptyBottom: { name: 'NoConvs', input: [96, 96], inputChannels: 24, depth: 3, channels: 24, repeat: 0 },
  shallowBottom: { name: 'OneConv', input: [64, 64], depth: 2, channels: 16, repeat: 1, padding: 'same' },
} as const satisfies Readonly<Record<string, TestNetwork>>;
