import type { Random } from '../grammar/random.js';

/** A block declaration, and whether a level that uses it comes out smaller by a stride. */
export interface RandomBlock {
  readonly name: string;
  readonly text: string;
  readonly reduces: boolean;
}

/** One number an axis as a spec writes it: `3`, `3x3` or `1x3x3`. */
export function perAxisText(random: Random, rank: number, sizes: readonly number[]): string {
  if (random.chance(0.5)) return String(random.pick(sizes));
  const same = random.pick(sizes);
  const each = Array.from({ length: rank }, () => (random.chance(0.6) ? same : random.pick(sizes)));
  return each.join('x');
}

type Template = (random: Random, rank: number) => { readonly body: string; readonly reduces?: boolean };

/** A way down and the way back up that undoes it, whatever the size. */
function roundTrip(random: Random, rank: number): string {
  const factor = perAxisText(random, rank, [1, 2, 2, 3]);
  const down = random.pick([
    `max(${factor})`,
    `avg(${factor})`,
    `conv(${factor}, c, stride: ${factor}, padding: valid)`,
  ]);
  const linear = `${random.pick(['bilinear', 'trilinear'])}(${factor}, align_corners: ${random.chance(0.5)})`;
  const up = random.pick([`nearest(${factor})`, linear]);
  return `${down} -> ${random.chance(0.5) ? 'conv(1, c) -> activation -> ' : ''}${up}`;
}

const templates: Readonly<Record<string, Template>> = {
  Dilated: (random, rank) => ({
    body: `input -> conv(kernel, c, dilation: ${perAxisText(random, rank, [1, 2, 2, 3])}) -> norm -> activation -> conv(1, c)`,
  }),
  Gated: () => ({
    body: `h = input -> conv(kernel, c) -> norm
  h * (h -> conv(1, c) -> sigmoid)`,
  }),
  Excited: (random) => ({
    body: `input -> conv(kernel, c) -> norm -> activation -> squeeze_excitation(c, reduction: ${random.pick([1, 2, 16])})`,
  }),
  Contextual: (random) => ({
    body: `h = input -> conv(kernel, c) -> activation
  ${random.pick(['h + m', 'm + h', 'm * h'])}`.replace(
      /m/,
      '(h -> global_avg -> conv(1, c, padding: valid))',
    ),
  }),
  Hourglass: (random, rank) => ({
    body: `h = input -> conv(kernel, c) -> activation
  concat(h, h -> ${roundTrip(random, rank)}) -> conv(1, c) -> norm`,
  }),
  Strided: (random, rank) => ({
    body: `input -> conv(kernel, c, stride: ${perAxisText(random, rank, [1, 2, 2, 3])}) -> norm -> activation`,
    reduces: true,
  }),
  ThereAndBack: (random, rank) => {
    const stride = perAxisText(random, rank, [1, 2, 2, 3]);
    return {
      body: `h = input -> conv(kernel, c, stride: ${stride}) -> activation -> transpose(kernel, c, stride: ${stride})
  h + (input -> conv(1, c) -> crop_like(h))`,
    };
  },
  Mirrored: (random, rank) => ({
    body: `input -> conv(${perAxisText(random, rank, [1, 2, 3, 5])}, c, padding: ${random.pick(['reflect', 'replicate', 'same'])}) -> layer -> silu`,
  }),
  Grouped: (random) => ({
    body: `input -> conv(1, c) -> conv(kernel, c, groups: ${random.pick([1, 2, 2])}) -> group(groups: ${random.pick([1, 2])})
    -> depthwise(kernel, bias: ${random.chance(0.5)}) -> gelu`,
  }),
  Smoothed: (random) => ({
    body: `input -> conv(1, c) -> ${random.pick(['max', 'avg'])}(3, stride: 1) -> prelu`,
  }),
  Nested: (random) => ({
    body: `a = input -> double(c, n: 1)
  b = a -> repeat(${random.pick([1, 2])}, ${random.pick(['separable(c)', 'residual(c, n: 1)', 'conv(kernel, c)'])})
  b + (a -> crop_like(b))`,
  }),
  Wide: () => ({
    body: `wide = input -> conv(kernel, channels(input) + c, bias: false)
  wide -> instance -> relu -> conv(1, c)`,
  }),
};

/** A block that a user might have made: dilated, strided, gated, nested in others. */
export function randomBlock(random: Random, rank: number): RandomBlock {
  const name = random.pick(Object.keys(templates));
  const { body, reduces = false } = templates[name]?.(random, rank) ?? { body: 'input' };
  return { name, text: `block ${name}(c) {\n  ${body}\n}`, reduces };
}
