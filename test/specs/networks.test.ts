import { describe, expect, test } from 'vitest';
import { type AstNode, children, type ExpectRow, type NumberLiteral } from '../../grammar/ast.js';
import { parse } from '../../grammar/parse/parse.js';
import { SourceFile } from '../../src/diagnostics/source-file.js';
import { spanText } from '../../src/diagnostics/span.js';
import { walk } from '../analysis/textbook.js';
import { compileAs, library, libraryFiles, libraryText, networkOf } from './spec-library.js';

/**
 * The counts that papers and programs have, in training where these count heads that inference does not need. Only
 * what is published stands here, so that a wrong expectation cannot mend itself.
 */
const published: Readonly<Record<string, number>> = {
  UNet2D: 31_030_658,
  UNet3D: 19_069_955,
  UNet2DPadded: 31_037_698,
  UNet2DPaddedBilinear: 17_263_042,
  UNetCaffe: 31_100_354,
  UNetNearest: 34_527_041,
  VNet: 65_175_314,
  VNetPrototxt: 61_982_682,
  AttentionUNet: 34_878_573,
  AttentionUNetMonai: 31_739_250,
  AttentionUNet3DNoGate: 5_888_004,
  AttentionUNet3D: 6_214_151,
  AttentionUNet3DTwoGates: 6_473_322,
  UNetWide32: 7_759_521,
  UNetPlusPlus: 9_041_601,
  UNetPlusPlusSupervised: 9_041_700,
  NnUNet3D: 31_195_594,
  NnUNet2D: 46_324_558,
  NnUNetResEnc: 102_349_770,
  BratsUNetFourClasses: 31_199_796,
  BasicUNet3D: 5_749_410,
  MonaiUNet: 1_979_610,
  MonaiResUNet: 4_806_481,
  SegResNet: 1_176_186,
  ResidualUNet3D: 113_735_233,
  TransUNet: 105_277_081,
  DDPM: 35_746_307,
};

/** A depthwise and a 1x1 conv without biases, a batch norm behind each. */
const separable = (from: number, to: number) => 9 * from + 2 * from + from * to + 2 * to;
const separableTwice = (from: number, to: number) => separable(from, to) + separable(to, to);

/** Squeeze-and-excitation behind blocks of so many channels: two 1x1 convs with biases, by way of a 16th. */
const gates = (channels: readonly number[]) =>
  channels.reduce((sum, c) => sum + (2 * c * c) / 16 + c / 16 + c, 0);

/** The counts of networks that nobody has published, worked out otherwise. */
const arithmetic: Readonly<Record<string, number>> = {
  Sentinel2UNet: walk({
    input: [256, 256],
    inputChannels: 13,
    classes: 10,
    channels: [32, 64, 128, 256, 512],
    decoderChannels: [32, 64, 128, 256],
    first: (_side, _in, out) => out,
    up: 'halve',
    padded: true,
    convBias: false,
    upBias: true,
    norm: 'batch',
  }).params,
  // Down 3 16 32 64 96 128, up with what is joined: 128 + 96, 96 + 64, 64 + 32, 32 + 16; the head has a bias.
  PhoneUNet:
    [
      [3, 16],
      [16, 32],
      [32, 64],
      [64, 96],
      [96, 128],
      [224, 96],
      [160, 64],
      [96, 32],
      [48, 16],
    ].reduce((sum, [from = 0, to = 0]) => sum + separableTwice(from, to), 0) +
    (16 * 2 + 2),
  // The padded U-Net, less two 3x3 convs and their batch norms, and a transformer of 12 layers on 14 x 14 positions:
  // two norms, four maps of 768 channels to 768, one to 3072 and one back in each layer.
  USENetEncoder: 31_037_698 + gates([64, 128, 256, 512, 1024]),
  USENet: 31_037_698 + gates([64, 128, 256, 512, 1024, 512, 256, 128, 64]),
  UNetViT:
    31_037_698 -
    (512 * 1024 * 9 + 1024 * 1024 * 9 + 4 * 1024) +
    (513 * 768 + 196 * 768) +
    12 * (4 * 768 + 4 * 769 * 768 + 769 * 3072 + 3073 * 768) +
    (2 * 768 + 769 * 1024),
  // A channel less in each of the heads on 32, 64, 128, 256 and 320 channels.
  BratsUNet: 31_199_796 - (32 + 64 + 128 + 256 + 320 + 5),
  // At level 1 four convs have 9 weights a pair of channels, not 27; two up-convs have 4, not 8.
  NnUNetAnisotropic: 31_195_594 - 18 * (32 + 3 * 32 ** 2 + 32 * 32) - 4 * (64 * 32 + 320 * 320),
  // The decoder's first convs no longer see the skips; 1x1 convs widen these, with a bias.
  UNet3DAdd: 19_069_955 + [256, 128, 64].reduce((sum, c) => sum - 27 * c * c + c * 2 * c + 2 * c, 0),
};

/** A row of a network with one number of it. */
interface Place {
  readonly network: string;
  readonly row: ExpectRow;
  readonly number: NumberLiteral;
}

function numbersIn(node: AstNode): NumberLiteral[] {
  return node.kind === 'number' ? [node] : children(node).flatMap(numbersIn);
}

/** Every number on the right of every row that states an equality. */
function placesOf(file: string): Place[] {
  const { tree } = parse(new SourceFile(file, libraryText(file)));
  return tree.declarations.flatMap((declaration) => {
    if (declaration.kind !== 'unet') return [];
    const rows = declaration.members.flatMap((member) => (member.kind === 'expect' ? member.rows : []));
    return rows.flatMap((row) =>
      (row.right ? numbersIn(row.right) : []).map((number) => ({
        network: declaration.name.name,
        row,
        number,
      })),
    );
  });
}

test('every network of specs/ has a count to be held to', () => {
  const counted = [...Object.keys(published), ...Object.keys(arithmetic)].sort();
  expect(counted).toEqual(library.map(({ network }) => network).sort());
});

describe.each(libraryFiles)('%s', (file) => {
  const text = libraryText(file);
  const names = library.filter((entry) => entry.file === file).map(({ network }) => network);
  const places = placesOf(file);

  test('is clean, and says what it is', () => {
    expect(compileAs(file, text).diagnostics).toEqual([]);
    expect(text).toMatch(/^(\/\/ .+\n)+language 1\n/);
  });

  test.each(names)('%s has the parameters that are published, or that follow by arithmetic', (network) => {
    const { facts } = networkOf(file, text, { network });
    expect(facts.trainingParameters).toBe(published[network] ?? arithmetic[network]);
  });

  test.each(names)('%s expects its count and the shapes of two stages', (network) => {
    const rows = places
      .filter((place) => place.network === network)
      .map(({ row }) => spanText(row.left.span));
    const shapes = rows.filter((row) => /\]$|^(bottleneck|output|input)$/.test(row));
    expect(new Set(shapes).size).toBeGreaterThan(1);
    expect(rows.some((row) => row.startsWith('params'))).toBe(true);
  });

  test('each number of each expectation, changed, makes exactly that row fail', () => {
    for (const { network, row, number } of places) {
      const { start, end } = number.span;
      const isTolerance = row.within !== undefined && start >= row.within.span.start;
      const changed = isTolerance ? number.value / 10 : number.value + 1;
      const edited = `${text.slice(0, start)}${changed}${number.unit ?? ''}${text.slice(end)}`;
      const why = `${spanText(row.span)} with ${changed}`;
      const { diagnostics } = compileAs(file, edited, { network });
      expect(
        diagnostics.map(({ code }) => code),
        why,
      ).toEqual(['expectation-failed']);
      const at = diagnostics[0]?.span.start ?? -1;
      expect(at >= row.span.start && at < row.span.end, why).toBe(true);
    }
  });
});
