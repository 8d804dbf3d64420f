/** A U-Net of convs, poolings and up-convs as papers describe it: two 3x3 convs a block, poolings by 2. */
export interface Recipe {
  readonly input: readonly number[];
  readonly inputChannels: number;
  readonly classes: number;
  /** Of the levels, the bottleneck's last. */
  readonly channels: readonly number[];
  /** Of the decoder levels. */
  readonly decoderChannels: readonly number[];
  /** Channels of the first of the two convs of a block, from those that come in and those that go out. */
  readonly first: (side: 'encoder' | 'decoder', channelsIn: number, channelsOut: number) => number;
  /** What goes up: a 2x2 transposed conv that halves or keeps the channels, or interpolation. */
  readonly up: 'halve' | 'keep' | 'interpolate';
  readonly padded: boolean;
  readonly convBias: boolean;
  readonly upBias: boolean;
  readonly norm: 'none' | 'batch' | 'batch without affine';
}

export interface Walk {
  /** Channels and sizes by stage. */
  readonly stages: ReadonlyMap<string, readonly number[]>;
  /** Positions a side, an entry an axis, by level. */
  readonly crops: ReadonlyMap<number, readonly number[]>;
  readonly params: number;
  readonly statistics: number;
  readonly macs: number;
}

/** Walks down and up the U with plain loops: shapes, crops, parameters and multiply-adds. */
export function walk(recipe: Recipe): Walk {
  const rank = recipe.input.length;
  const stages = new Map<string, readonly number[]>();
  const crops = new Map<number, readonly number[]>();
  let [params, statistics, macs] = [0, 0, 0];
  let [channels, size] = [recipe.inputChannels, [...recipe.input]];
  const mark = (stage: string) => stages.set(stage, [channels, ...size]);
  const positions = () => size.reduce((product, one) => product * one, 1);

  const conv = (channelsOut: number) => {
    size = size.map((one) => (recipe.padded ? one : one - 2));
    params += channels * channelsOut * 3 ** rank + (recipe.convBias ? channelsOut : 0);
    macs += channels * channelsOut * 3 ** rank * positions();
    if (recipe.norm === 'batch') params += 2 * channelsOut;
    if (recipe.norm !== 'none') statistics += 2 * channelsOut;
    channels = channelsOut;
  };
  const block = (side: 'encoder' | 'decoder', channelsOut: number) => {
    conv(recipe.first(side, channels, channelsOut));
    conv(channelsOut);
  };

  mark('input');
  const depth = recipe.channels.length - 1;
  const skips: { channels: number; size: number[] }[] = [];
  for (let level = 1; level <= depth; level += 1) {
    block('encoder', recipe.channels[level - 1] ?? 0);
    mark(`encoder[${level}]`);
    skips.push({ channels, size });
    size = size.map((one) => one / 2);
    mark(`pool[${level}]`);
  }
  block('encoder', recipe.channels[depth] ?? 0);
  mark('bottleneck');
  for (let level = depth; level >= 1; level -= 1) {
    if (recipe.up !== 'interpolate') {
      const channelsOut = recipe.up === 'halve' ? channels / 2 : channels;
      params += channels * channelsOut * 2 ** rank + (recipe.upBias ? channelsOut : 0);
      // Every input position meets every position of the 2x2 kernel.
      macs += channels * channelsOut * 2 ** rank * positions();
      channels = channelsOut;
    }
    size = size.map((one) => one * 2);
    mark(`up[${level}]`);
    const skip = skips[level - 1] ?? { channels: 0, size: [] };
    crops.set(
      level,
      size.map((one, axis) => ((skip.size[axis] ?? 0) - one) / 2),
    );
    stages.set(`skip[${level}]`, [skip.channels, ...size]);
    channels += skip.channels;
    block('decoder', recipe.decoderChannels[level - 1] ?? 0);
    mark(`decoder[${level}]`);
  }
  params += channels * recipe.classes + recipe.classes;
  macs += channels * recipe.classes * positions();
  channels = recipe.classes;
  mark('output');
  return { stages, crops, params, statistics, macs };
}

const plain = {
  inputChannels: 1,
  classes: 2,
  channels: [64, 128, 256, 512, 1024],
  decoderChannels: [64, 128, 256, 512],
  first: (_side: string, _in: number, out: number) => out,
  up: 'halve',
  padded: false,
  convBias: true,
  upBias: true,
  norm: 'none',
} as const;

/** The networks of specs/, each from its paper or its well-known program, not from the spec. */
export const recipes: Readonly<
  Record<'UNet2D' | 'UNet3D' | 'UNet2DPadded' | 'UNet2DPaddedBilinear', Recipe>
> = {
  UNet2D: { ...plain, input: [572, 572] },
  UNet3D: {
    ...plain,
    input: [132, 132, 116],
    inputChannels: 3,
    classes: 3,
    channels: [64, 128, 256, 512],
    decoderChannels: [64, 128, 256],
    // The channels double before each pooling: 3 -> 32 -> 64, 64 -> 64 -> 128, ...
    first: (side, _in, out) => (side === 'encoder' ? out / 2 : out),
    up: 'keep',
    upBias: false,
    norm: 'batch without affine',
  },
  UNet2DPadded: {
    ...plain,
    input: [512, 512],
    inputChannels: 3,
    padded: true,
    convBias: false,
    norm: 'batch',
  },
  UNet2DPaddedBilinear: {
    ...plain,
    input: [512, 512],
    inputChannels: 3,
    channels: [64, 128, 256, 512, 512],
    decoderChannels: [64, 64, 128, 256],
    first: (side, channelsIn, out) => (side === 'encoder' ? out : channelsIn / 2),
    up: 'interpolate',
    padded: true,
    convBias: false,
    norm: 'batch',
  },
};
