import { fontSizes } from './text-metrics.js';

/** `auto` follows the reader's system; the others do not. */
export type Theme = 'auto' | 'light' | 'dark';

interface Palette {
  readonly page: string;
  readonly text: string;
  readonly muted: string;
  readonly map: string;
  readonly blocks: string;
  readonly edge: string;
  readonly conv: string;
  readonly pointwise: string;
  readonly down: string;
  readonly up: string;
  readonly copy: string;
  readonly other: string;
  readonly signal: string;
  readonly plain: string;
}

const light: Palette = {
  page: '#ffffff',
  text: '#1b2430',
  muted: '#57616e',
  map: '#cfe1f6',
  blocks: '#e9e0f8',
  edge: '#2f6cb3',
  conv: '#1c4f9c',
  pointwise: '#0b8a8a',
  down: '#cf2f2a',
  up: '#278f3d',
  copy: '#8f98a3',
  other: '#8250c4',
  signal: '#b57a12',
  plain: '#57616e',
};

const dark: Palette = {
  page: '#0d1117',
  text: '#e6edf3',
  muted: '#9da7b3',
  map: '#1c3c63',
  blocks: '#33284d',
  edge: '#6aa5e6',
  conv: '#79b0ff',
  pointwise: '#3ccfc7',
  down: '#ff7b72',
  up: '#56d364',
  copy: '#8b949e',
  other: '#c297ff',
  signal: '#e3b341',
  plain: '#9da7b3',
};

const lines = ['conv', 'pointwise', 'down', 'up', 'copy', 'other', 'signal', 'plain'] as const;

/** The rules of classes other than maps and arrows; a drawing contains only those it uses. */
const extras = {
  block: { shape: 'font-weight:700', colour: () => '' },
  detail: { shape: '', colour: (palette) => `fill:${palette.muted}` },
  blocks: {
    shape: 'stroke-width:1.2',
    colour: (palette) => `fill:${palette.blocks};stroke:${palette.edge}`,
  },
  training: {
    shape: 'stroke-width:1.2;stroke-dasharray:4 2',
    colour: (palette) => `fill:${palette.page};stroke:${palette.edge}`,
  },
  gate: { shape: 'stroke-width:2', colour: (palette) => `stroke:${palette.signal}` },
} as const satisfies Readonly<
  Record<string, { readonly shape: string; readonly colour: (palette: Palette) => string }>
>;

export type ExtraClass = keyof typeof extras;

function isExtra(name: string): name is ExtraClass {
  return Object.hasOwn(extras, name);
}

const rule = (name: string, declarations: string) =>
  declarations === '' ? [] : [`.unet-drawing .${name}{${declarations}}`];

function colours(palette: Palette, used: readonly ExtraClass[]): string {
  return [
    `.unet-drawing .page{fill:${palette.page}}`,
    `.unet-drawing text{fill:${palette.text}}`,
    `.unet-drawing .size,.unet-drawing .subtitle{fill:${palette.muted}}`,
    `.unet-drawing .map{fill:${palette.map};stroke:${palette.edge}}`,
    `.unet-drawing .copied{fill:${palette.page};stroke:${palette.edge}}`,
    `.unet-drawing .crop-mark{stroke:${palette.edge}}`,
    `.unet-drawing .join{fill:${palette.page};stroke:${palette.text}}`,
    ...lines.map(
      (name) =>
        `.unet-drawing .${name}{stroke:${palette[name]}}.unet-drawing .${name}-head{fill:${palette[name]}}`,
    ),
    ...used.flatMap((name) => rule(name, extras[name].colour(palette))),
  ].join('\n');
}

function shapes(used: readonly ExtraClass[]): string {
  return [
    '.unet-drawing text{font-family:"Helvetica Neue",Helvetica,Arial,"Liberation Sans",sans-serif}',
    ...Object.entries(fontSizes)
      .filter(([name]) => !isExtra(name) || used.includes(name))
      .map(([name, size]) => `.unet-drawing .${name}{font-size:${size}px}`),
    '.unet-drawing .title{font-weight:700}',
    '.unet-drawing .line{fill:none;stroke-width:2.2;stroke-linejoin:round}',
    '.unet-drawing .down,.unet-drawing .up,.unet-drawing .copy{stroke-width:3}',
    '.unet-drawing .line.thin{stroke-width:1.6}',
    '.unet-drawing .map,.unet-drawing .copied{stroke-width:1.2}',
    '.unet-drawing .crop-mark{fill:none;stroke-width:1;stroke-dasharray:3 2}',
    '.unet-drawing .join{stroke-width:1.5}',
    ...used.flatMap((name) => rule(name, extras[name].shape)),
  ].join('\n');
}

/** The style sheet of a drawing with some classes. It has no variables, because many SVG readers lack them. */
export function styleSheet(theme: Theme, classes: ReadonlySet<string>): string {
  const used = Object.keys(extras)
    .filter(isExtra)
    .filter((name) => classes.has(name));
  const rules = shapes(used);
  switch (theme) {
    case 'light':
      return `${rules}\n${colours(light, used)}`;
    case 'dark':
      return `${rules}\n${colours(dark, used)}`;
    case 'auto':
      return `${rules}\n${colours(light, used)}\n@media (prefers-color-scheme:dark){\n${colours(dark, used)}\n}`;
    default:
      return theme satisfies never;
  }
}
