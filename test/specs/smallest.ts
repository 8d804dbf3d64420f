import type { CompiledNetwork } from '../../src/compiler/compile.js';
import { library, libraryText, networkOf, type SpecEntry } from './spec-library.js';

/**
 * What makes a network of specs/ so small that a plain evaluator can follow it: few channels, and nothing else that
 * is not needed for that. Those at the top of specs/ keep their channels.
 */
const reductions: Readonly<Record<string, string>> = {
  AttentionUNet: 'channels = 4',
  AttentionUNetMonai: 'channels = 4',
  AttentionUNet3DNoGate: 'channels = 2',
  AttentionUNet3D: 'channels = 2',
  AttentionUNet3DTwoGates: 'channels = 2',
  BratsUNet: 'channels = level + 1',
  BratsUNetFourClasses: 'channels = level + 1',
  BasicUNet3D: 'channels = [4, 4, 6, 8, 10]  decoder_channels = [3, 4, 6, 8]',
  MonaiUNet: 'channels = [2, 4, 6, 8, 10]  decoder_channels = [4, 2, 4, 6]',
  MonaiResUNet: 'channels = [2, 4, 6, 8, 10]  decoder_channels = [4, 2, 4, 6]',
  SegResNet: '',
  NnUNet3D: 'channels = level + 1',
  NnUNet2D: 'channels = level + 1',
  NnUNetAnisotropic: 'channels = level + 1',
  NnUNetResEnc: 'channels = min(level + 1, 6)  repeat = [1, 3, 2, 1, 2, 3]',
  PhoneUNet: '',
  ResidualUNet3D: 'channels = 8',
  UNet3DAdd: 'channels = 4  depth = 2',
  Sentinel2UNet: 'channels = 4',
  UNetWide32: 'channels = 4',
  UNetPlusPlus: 'channels = 4',
  UNetPlusPlusSupervised: 'channels = 4',
  DDPM: 'channels = [4, 8, 8, 8]  norm = group(groups: 2)  time = time_embedding(dim: 6)',
  USENet: 'channels = 16',
  USENetEncoder: 'channels = 16',
  UNetCaffe: 'channels = 4  up[1] = UpConv(channels: 8)',
  UNetNearest: 'channels = 4',
  // The positions pin the size, so a smaller input is declared.
  TransUNet: `input = 3 x 32 x 48  channels = [3, 8, 16, 32, 12]  decoder_channels = [3, 4, 6, 8]
    repeat = [1, 1, 2, 2, 2]  norm = group(groups: 2)  pool[4] = FirstUnit(width: 48)
    bottleneck = Hybrid(layers: 2, heads: 3, dim: 12, mlp: 20)`,
  UNetViT: `input = 3 x 32 x 48  channels = 4  up = transpose(bias: true)
    bottleneck = transformer(layers: 2, heads: 2, dim: 12, mlp: 20)`,
  // The first level repeats the input's channel 16 times.
  VNet: 'channels = [16, 4, 4, 4, 4]  decoder_channels = [32, 8, 8, 8]  kernel = 3',
  VNetPrototxt: 'channels = [16, 4, 4, 4, 4]  decoder_channels = [32, 8, 8, 8]  kernel = 3',
};

/** Networks of specs/ at the smallest sizes that fit; the last axis is a step longer, so that a mix-up is seen. */
function at({ file, network }: SpecEntry): CompiledNetwork {
  const reduction = reductions[network];
  const small = `unet ${network}Small extends ${network} { ${reduction} }`;
  const text = reduction === undefined ? libraryText(file) : `${libraryText(file)}\n${small}\n`;
  const name = reduction === undefined ? network : `${network}Small`;
  const { axes, graph } = networkOf(file, text, { network: name });
  const sizes = axes.map(({ minimum, maximum = Number.POSITIVE_INFINITY, step }, axis) =>
    Math.min(maximum, minimum + (axis === axes.length - 1 ? step : 0)),
  );
  return networkOf(file, text, { network: name, input: [graph.nodes[0]?.channels, ...sizes].join('x') });
}

/** Whether a file is at the top of specs/. */
const isAtTop = ({ file }: SpecEntry) => !/[\\/]/.test(file);

const compiled = new Map<SpecEntry, CompiledNetwork>();

/** Compiled once a worker: tests only read networks. */
function compiledAt(entry: SpecEntry): CompiledNetwork {
  const network = compiled.get(entry) ?? at(entry);
  compiled.set(entry, network);
  return network;
}

/** The networks at the top of specs/, with all their channels. */
export function smallestNetworks(): readonly CompiledNetwork[] {
  return library.filter(isAtTop).map(compiledAt);
}

/** The networks of the folders of specs/, with few channels. */
export function reducedNetworks(): readonly CompiledNetwork[] {
  return library.filter((entry) => !isAtTop(entry)).map(compiledAt);
}

/** The networks of the folders of specs/ for which this file has no reduction: they are too large to run in a test. */
export function unreduced(): readonly string[] {
  return library
    .filter((entry) => !isAtTop(entry) && reductions[entry.network] === undefined)
    .map(({ network }) => network);
}
