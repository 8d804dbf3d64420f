import { compose } from '../layout/compose.js';
import { JOIN_RADIUS, type Point, type SceneItem, type SceneJoin, type SceneLine } from '../layout/scene.js';
import type { Picture } from '../picture.js';
import { describePicture } from './describe-picture.js';
import { styleSheet, type Theme } from './theme.js';

export interface DrawOptions {
  /** Default `auto`: dark if the reader's system is dark, else light. */
  readonly theme?: Theme;
}

/**
 * The picture as a self-contained SVG document, without scripts, links or external fonts. Equal pictures and options
 * give equal bytes.
 */
export function drawSvg(picture: Picture, options: DrawOptions = {}): string {
  const { bounds, items } = compose(picture);
  const width = coordinate(bounds.right - bounds.left);
  const height = coordinate(bounds.bottom - bounds.top);
  const box = [bounds.left, bounds.top].map(coordinate).join(' ');
  const page = `x="${coordinate(bounds.left)}" y="${coordinate(bounds.top)}" width="${width}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="unet-drawing" role="img" width="${width}" height="${height}" viewBox="${box} ${width} ${height}">`,
    `<title>${escapeXml(picture.title)}</title>`,
    `<desc>${escapeXml(describePicture(picture))}</desc>`,
    `<style>\n${styleSheet(options.theme ?? 'auto', classesOf(items))}\n</style>`,
    `<rect class="page" ${page}/>`,
    // Lines come first: a join covers the end of its line, and boxes stay crisp.
    ...items.toSorted((a, b) => layer(a) - layer(b)).map(itemSvg),
    '</svg>',
    '',
  ].join('\n');
}

/** The classes of a drawing's items other than maps and arrows. */
function classesOf(items: readonly SceneItem[]): ReadonlySet<string> {
  return new Set(
    items.flatMap((item) => {
      if (item.kind === 'box') return [item.look];
      if (item.kind === 'text') return [item.style];
      return item.kind === 'join' && item.isGate ? ['gate'] : [];
    }),
  );
}

function layer(item: SceneItem): number {
  return { line: 0, box: 1, 'crop-mark': 2, join: 3, text: 4 }[item.kind];
}

/** Escapes text for content and attributes; characters that XML 1.0 does not allow become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function coordinate(value: number): string {
  return String(Math.round(value * 10) / 10 + 0);
}

function pathOf(points: readonly Point[]): string {
  return points
    .map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${coordinate(x)} ${coordinate(y)}`)
    .join('');
}

function withTip(tip: string, content: string): string {
  return tip === '' ? content : `<g><title>${escapeXml(tip)}</title>${content}</g>`;
}

function itemSvg(item: SceneItem): string {
  switch (item.kind) {
    case 'box': {
      const { left, top, right, bottom } = item.bounds;
      const corner = `x="${coordinate(left)}" y="${coordinate(top)}"`;
      const size = `width="${coordinate(right - left)}" height="${coordinate(bottom - top)}"`;
      return withTip(item.tip, `<rect class="${item.look}" ${corner} ${size}/>`);
    }
    case 'text': {
      const [x, y] = item.at.map(coordinate);
      const anchor = item.anchor === 'start' ? '' : ` text-anchor="${item.anchor}"`;
      const turn = item.rotated ? ` transform="rotate(-90 ${x} ${y})"` : '';
      return `<text class="${item.style}" x="${x}" y="${y}"${anchor}${turn}>${escapeXml(item.text)}</text>`;
    }
    case 'line':
      return withTip(item.tip, lineSvg(item));
    case 'join':
      return withTip(item.tip, joinSvg(item));
    case 'crop-mark':
      return `<path class="crop-mark" d="${pathOf(item.points)}"/>`;
    default:
      return item satisfies never;
  }
}

/** Dash patterns that distinguish the arrows of one family; short, because arrows are short. */
const DASHES = ['', '5 2', '2 2', '8 2 2 2', '1 1.5', '5 2 1 2', '3 1'] as const;
const HEAD_LENGTH = 8;

function lineSvg({ points, style, head, thin: isThin }: SceneLine): string {
  const end = points.at(-1);
  const before = points.at(-2);
  if (!end || !before) return '';
  const dash = DASHES[style.variant % DASHES.length] ?? '';
  const dashed = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
  const thin = isThin ? ' thin' : '';
  const attributes = `class="line ${style.family}${thin}"${dashed}`;
  if (!head) return `<path ${attributes} d="${pathOf(points)}"/>`;
  const [dx, dy] = [end[0] - before[0], end[1] - before[1]];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const base: Point = [end[0] - ux * HEAD_LENGTH, end[1] - uy * HEAD_LENGTH];
  const half = thin === '' ? 5 : 4;
  const corners: readonly Point[] = [
    end,
    [base[0] - uy * half, base[1] + ux * half],
    [base[0] + uy * half, base[1] - ux * half],
  ];
  const shaft = `<path ${attributes} d="${pathOf([...points.slice(0, -1), base])}"/>`;
  return `${shaft}<path class="${style.family}-head" d="${pathOf(corners)}Z"/>`;
}

function joinSvg({ at: [x, y], join, isGate }: SceneJoin): string {
  const reach = JOIN_RADIUS * 0.55;
  const slant = join === 'mul' ? reach * Math.SQRT1_2 : 0;
  const strokes: Record<SceneJoin['join'], readonly (readonly Point[])[]> = {
    add: [
      [
        [x - reach, y],
        [x + reach, y],
      ],
      [
        [x, y - reach],
        [x, y + reach],
      ],
    ],
    mul: [
      [
        [x - slant, y - slant],
        [x + slant, y + slant],
      ],
      [
        [x - slant, y + slant],
        [x + slant, y - slant],
      ],
    ],
    concat: [
      [
        [x - 2, y - reach],
        [x - 2, y + reach],
      ],
      [
        [x + 2, y - reach],
        [x + 2, y + reach],
      ],
    ],
  };
  const look = isGate ? 'join gate' : 'join';
  const circle = `<circle class="${look}" cx="${coordinate(x)}" cy="${coordinate(y)}" r="${JOIN_RADIUS}"/>`;
  return `${circle}<path class="${look}" d="${strokes[join].map(pathOf).join('')}"/>`;
}
