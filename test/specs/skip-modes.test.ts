import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CompiledNetwork, compile } from '../../src/compiler/compile.js';
import { diffNetworks, type NetworkDiff } from '../../src/compiler/diff.js';
import { nodeHost } from '../../src/runtime/files/node-host.js';

const root = join(import.meta.dirname, '../..');

/** A published network, and what its one-line edits must come to, worked out from the papers' recipes. */
interface Base {
  readonly file: string;
  readonly name: string;
  readonly add: string;
  /** Channels of levels 1..depth and of the bottleneck. */
  readonly channels: readonly number[];
  /** Elements of a conv's kernel and of an up-conv's, and of the gates' reducing conv. */
  readonly kernel: number;
  readonly window: number;
  /** Channels of what comes up to each level. */
  readonly up: readonly number[];
  readonly params: number;
  readonly output: readonly number[];
}

const bases: readonly Base[] = [
  {
    file: 'unet2d.unet',
    name: 'UNet2D',
    add: 'add',
    channels: [64, 128, 256, 512, 1024],
    kernel: 9,
    window: 4,
    up: [64, 128, 256, 512],
    params: 31_030_658,
    output: [388, 388],
  },
  {
    file: 'unet3d.unet',
    name: 'UNet3D',
    add: 'add(project: true)',
    channels: [64, 128, 256, 512],
    kernel: 27,
    window: 8,
    up: [128, 256, 512],
    params: 19_069_955,
    output: [44, 44, 28],
  },
];

/** The published network and its edit, in a file of its own beside it. */
function edited({ file, name }: Base, edit: string): readonly [CompiledNetwork, CompiledNetwork] {
  const text = `import { ${name} } from "./${file}"\nunet Edited extends ${name} { ${edit} }\n`;
  const path = join(root, 'specs/edited.unet');
  const { networks, diagnostics } = compile(path, text, { host: nodeHost });
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  const baseText = readFileSync(join(root, 'specs', file), 'utf8');
  const [base] = compile(join(root, 'specs', file), baseText, { host: nodeHost }).networks;
  const [network] = networks;
  if (!base || !network) throw new Error(`${name} does not compile`);
  return [base, network];
}

const stagesOf = (diff: NetworkDiff) => diff.stages.map(({ stage }) => stage);
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

describe.each(bases)('one-line edits of $name, with valid padding', (base) => {
  const { channels, kernel, window, up, params, output } = base;
  const depth = up.length;

  test('add: every decoder begins with fewer channels', () => {
    const [a, b] = edited(base, `skip = ${base.add}`);
    const diff = diffNetworks(a, b);
    expect(diff.fields.map(({ path }) => path)).toEqual(['skip']);
    // A decoder's first conv no longer sees the skip's channels beside those that came up.
    const fewer = up.map((_, i) => kernel * (channels[i] ?? 0) * (channels[i] ?? 0));
    // Where they are not as many, the skip goes through a 1x1 conv with a bias.
    const projected = up.map((now, i) => (now === channels[i] ? 0 : (channels[i] ?? 0) * now + now));
    expect(diff.params).toEqual({ a: params, b: params - sum(fewer) + sum(projected) });
    expect(b.facts.spatial(b.facts.output)).toEqual(output);
  });

  test('attention: gates on the skips, and nothing else', () => {
    const [a, b] = edited(base, 'skip = attention');
    const diff = diffNetworks(a, b);
    const gates = up.map((_, i) => {
      const [own = 0, below = 0] = channels.slice(i, i + 2);
      const reduce = window * own * own; // no bias
      const signal = below * own + own;
      const coefficient = own + 1;
      const transform = own * own + own;
      return reduce + signal + coefficient + transform;
    });
    expect(diff.params).toEqual({ a: params, b: params + sum(gates) });
    expect(stagesOf(diff)).toEqual([]);
    expect(b.facts.spatial(b.facts.output)).toEqual(output);
  });

  test('nested: a grid of nodes', () => {
    const [a, b] = edited(base, 'skip = nested');
    const diff = diffNetworks(a, b);
    const grid = up.flatMap((came, i) =>
      Array.from({ length: depth - i }, (_, column) => {
        const [own = 0, below = 0] = channels.slice(i, i + 2);
        const upConv = window * below * came + (base.name === 'UNet2D' ? came : 0);
        const joined = (column + 1) * own + came;
        return upConv + kernel * joined * own + own + kernel * own * own + own;
      }),
    );
    // The base's own decoders are the grid's diagonal with one skip each.
    const plain = up.map((came, i) => {
      const [own = 0, below = 0] = channels.slice(i, i + 2);
      const upConv = window * below * came + (base.name === 'UNet2D' ? came : 0);
      return upConv + kernel * (own + came) * own + own + kernel * own * own + own;
    });
    expect(diff.params).toEqual({ a: params, b: params - sum(plain) + sum(grid) });
    // The nodes between, with what comes up to them and is cropped for them.
    const between = up.flatMap((_, i) =>
      Array.from({ length: depth - 1 - i }, (_each, column) => `[${i + 1},${column + 1}]`),
    );
    expect(stagesOf(diff)).toEqual(
      expect.arrayContaining(between.flatMap((place) => [`up${place}`, `node${place}`])),
    );
    expect(b.facts.spatial(b.facts.output)).toEqual(output);
  });

  test('concat the other way round: the same shapes and counts, another order', () => {
    const diff = diffNetworks(...edited(base, 'skip = concat(order: up_first)'));
    expect(diff.params).toEqual({ a: params, b: params });
    expect(stagesOf(diff)).toEqual([]);
    expect(diff.fields).toEqual([
      { path: 'skip', a: 'concat(order: skip_first)', b: 'concat(order: up_first)' },
    ]);
  });
});
