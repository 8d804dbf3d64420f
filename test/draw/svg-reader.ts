import { fontSizes } from '../../src/draw/svg/text-metrics.js';

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: OpenElement[];
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text: string): string {
  if (/[<>]/.test(text)) throw new Error(`bare angle bracket in ${text}`);
  return text.replace(/&([^;&]*);?/g, (whole, name: string) => {
    const value = ENTITIES[name];
    if (value === undefined || !whole.endsWith(';')) throw new Error(`bad entity ${whole}`);
    return value;
  });
}

/** A strict reader of the XML that drawings use; throws on anything that is not well formed. */
export function readXml(source: string): Element {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 forbids exactly these.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(source))
    throw new Error('forbidden character');
  if (/[\ud800-\udfff]/u.test(source)) throw new Error('lone surrogate');
  const root: OpenElement = { name: '', attributes: {}, children: [], text: '' };
  const open: OpenElement[] = [root];
  let at = 0;
  for (const match of source.matchAll(/<(\/?)([A-Za-z][\w-]*)((?:\s+[A-Za-z][\w:-]*="[^"<]*")*)\s*(\/?)>/g)) {
    const current = open.at(-1);
    const [whole, closing, name = '', list = '', empty] = match;
    if (!current) throw new Error('text after the root');
    current.text += decode(source.slice(at, match.index));
    at = match.index + whole.length;
    if (closing) {
      if (current.name !== name) throw new Error(`</${name}> closes <${current.name}>`);
      open.pop();
      continue;
    }
    const attributes: Record<string, string> = {};
    for (const [, key = '', value = ''] of list.matchAll(/([\w:-]+)="([^"]*)"/g)) {
      if (key in attributes) throw new Error(`${key} twice`);
      attributes[key] = decode(value);
    }
    const element: OpenElement = { name, attributes, children: [], text: '' };
    current.children.push(element);
    if (!empty) open.push(element);
  }
  const [svg] = root.children;
  if (open.length !== 1 || !svg || root.children.length !== 1) throw new Error('not one closed root');
  if (source.slice(at).trim() !== '' || root.text.trim() !== '') throw new Error('text outside the root');
  return svg;
}

export function descendants(element: Element): readonly Element[] {
  return element.children.flatMap((child) => [child, ...descendants(child)]);
}

const attribute = (element: Element, name: string): string => element.attributes[name] ?? '';

const numberOf = (element: Element, name: string): number => {
  const value = Number(element.attributes[name]);
  if (!Number.isFinite(value)) throw new Error(`${element.name} has no number in ${name}`);
  return value;
};

export interface PlacedText extends Rect {
  readonly style: string;
  readonly text: string;
}

/** DejaVu Sans, the widest common face: digits 0.636 em, most letters less. */
const EM_PER_CHARACTER = 0.64;

function placeText(element: Element): PlacedText {
  const style = attribute(element, 'class');
  const size = new Map<string, number>(Object.entries(fontSizes)).get(style);
  if (size === undefined) throw new Error(`no font size for ${style}`);
  const width = element.text.length * EM_PER_CHARACTER * size;
  const [x, y] = [numberOf(element, 'x'), numberOf(element, 'y')];
  const ascent = 0.76 * size;
  const { transform } = element.attributes;
  const shared = { style, text: element.text };
  if (transform !== undefined) {
    if (transform !== `rotate(-90 ${x} ${y})`) throw new Error(`unknown transform ${transform}`);
    return { ...shared, left: x - ascent, right: x + 0.2 * size, top: y - width, bottom: y };
  }
  const anchor = element.attributes['text-anchor'] ?? 'start';
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return { ...shared, left, right: left + width, top: y - ascent, bottom: y + 0.2 * size };
}

export interface PlacedLine {
  readonly style: string;
  readonly points: readonly (readonly [number, number])[];
}

/** What a drawing shows and where, read back from its bytes. */
export interface Drawing {
  readonly root: Element;
  readonly view: Rect;
  readonly texts: readonly PlacedText[];
  readonly boxes: readonly (Rect & { readonly style: string; readonly tip: string })[];
  readonly joins: readonly Rect[];
  readonly lines: readonly PlacedLine[];
}

export function readDrawing(source: string): Drawing {
  const root = readXml(source);
  const all = descendants(root);
  const [x = 0, y = 0, width = 0, height = 0] = attribute(root, 'viewBox').split(' ').map(Number);
  const tips = new Map<Element, string>();
  for (const group of all.filter(({ name }) => name === 'g')) {
    const tip = group.children.find(({ name }) => name === 'title')?.text ?? '';
    for (const child of group.children) tips.set(child, tip);
  }
  const ofClass = (pattern: RegExp) => all.filter((element) => pattern.test(attribute(element, 'class')));
  return {
    root,
    view: { left: x, top: y, right: x + width, bottom: y + height },
    texts: all.filter(({ name }) => name === 'text').map(placeText),
    boxes: ofClass(/^(?:map|copied|blocks|training)$/).map((element) => {
      const [left, top] = [numberOf(element, 'x'), numberOf(element, 'y')];
      const [right, bottom] = [left + numberOf(element, 'width'), top + numberOf(element, 'height')];
      const style = attribute(element, 'class');
      return { left, top, right, bottom, style, tip: tips.get(element) ?? '' };
    }),
    joins: all
      .filter(({ name }) => name === 'circle')
      .map((element) => {
        const [cx, cy, r] = [numberOf(element, 'cx'), numberOf(element, 'cy'), numberOf(element, 'r')];
        return { left: cx - r, top: cy - r, right: cx + r, bottom: cy + r };
      }),
    lines: ofClass(/^line /).map((element) => ({
      style: attribute(element, 'class').split(' ')[1] ?? '',
      points: [...attribute(element, 'd').matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(
        ([, px, py]) => [Number(px), Number(py)] as const,
      ),
    })),
  };
}

export function overlap(a: Rect, b: Rect): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

export function inside(inner: Rect, outer: Rect): boolean {
  return (
    inner.left >= outer.left &&
    inner.top >= outer.top &&
    inner.right <= outer.right &&
    inner.bottom <= outer.bottom
  );
}

/** Rectangles of a line's thickness along it: one a segment, and many small ones where it is slanted. */
export function segments({ points }: PlacedLine): readonly Rect[] {
  return points.slice(1).flatMap(([x, y], index) => {
    const [fromX, fromY] = points[index] ?? [x, y];
    const slanted = Math.abs(x - fromX) > 0.6 && Math.abs(y - fromY) > 0.6;
    const parts = slanted ? Math.ceil(Math.hypot(x - fromX, y - fromY)) : 1;
    const at = (part: number) =>
      [fromX + ((x - fromX) * part) / parts, fromY + ((y - fromY) * part) / parts] as const;
    return Array.from({ length: parts }, (_, part) => {
      const [[ax, ay], [bx, by]] = [at(part), at(part + 1)];
      return {
        left: Math.min(ax, bx) - 1,
        right: Math.max(ax, bx) + 1,
        top: Math.min(ay, by) - 1,
        bottom: Math.max(ay, by) + 1,
      };
    });
  });
}
