import type { JoinKind } from '../picture.js';
import type { ArrowFamily } from '../picture-parts.js';
import { ASCENT, DESCENT, fontSizes, type TextClass, textWidth } from '../svg/text-metrics.js';

/** Left, top, right and bottom, in user units; y grows downwards. */
export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export type Point = readonly [x: number, y: number];

/** The look of a line: the colour of its family, and a dash pattern that distinguishes arrows of one family. */
export interface LineStyle {
  readonly family: ArrowFamily | 'signal' | 'plain';
  readonly variant: number;
}

export interface SceneBox {
  readonly kind: 'box';
  readonly bounds: Bounds;
  /** A map, the part of a map that a skip brought, a run of blocks, or a head that only training needs. */
  readonly look: 'map' | 'copied' | 'blocks' | 'training';
  readonly tip: string;
}

export interface SceneText {
  readonly kind: 'text';
  readonly at: Point;
  readonly text: string;
  readonly style: TextClass;
  readonly anchor: 'start' | 'middle' | 'end';
  /** Reads upwards, with its start at the lower end. */
  readonly rotated: boolean;
}

export interface SceneLine {
  readonly kind: 'line';
  readonly points: readonly Point[];
  readonly style: LineStyle;
  readonly head: boolean;
  /** Whether the line lies beside the main path. */
  readonly thin: boolean;
  readonly tip: string;
}

export interface SceneJoin {
  readonly kind: 'join';
  readonly at: Point;
  readonly join: JoinKind;
  /** Whether the join weights a skip. */
  readonly isGate: boolean;
  readonly tip: string;
}

/** The edge of the part of a map that a skip keeps. */
export interface SceneCropMark {
  readonly kind: 'crop-mark';
  readonly points: readonly [Point, Point];
}

export type SceneItem = SceneBox | SceneText | SceneLine | SceneJoin | SceneCropMark;

export interface Scene {
  readonly bounds: Bounds;
  readonly items: readonly SceneItem[];
}

export const JOIN_RADIUS = 8;

function textBounds({ at: [x, y], text, style, anchor, rotated }: SceneText): Bounds {
  const width = textWidth(text, style);
  const size = fontSizes[style];
  if (rotated) {
    return { left: x - ASCENT * size, right: x + DESCENT * size, top: y - width, bottom: y };
  }
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return { left, right: left + width, top: y - ASCENT * size, bottom: y + DESCENT * size };
}

/** The rectangle that an item stays within. */
export function boundsOf(item: SceneItem): Bounds {
  switch (item.kind) {
    case 'box':
      return item.bounds;
    case 'text':
      return textBounds(item);
    case 'join':
      return around([item.at], JOIN_RADIUS + 1);
    case 'line':
      return around(item.points, 6);
    case 'crop-mark':
      return around(item.points, 1);
    default:
      return item satisfies never;
  }
}

function around(points: readonly Point[], margin: number): Bounds {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return {
    left: Math.min(...xs) - margin,
    right: Math.max(...xs) + margin,
    top: Math.min(...ys) - margin,
    bottom: Math.max(...ys) + margin,
  };
}

/** The smallest rectangle around all. */
export function union(list: readonly Bounds[]): Bounds {
  return list.reduce(
    (sum, next) => ({
      left: Math.min(sum.left, next.left),
      top: Math.min(sum.top, next.top),
      right: Math.max(sum.right, next.right),
      bottom: Math.max(sum.bottom, next.bottom),
    }),
    list[0] ?? { left: 0, top: 0, right: 0, bottom: 0 },
  );
}

/** The item, moved. */
export function moved(item: SceneItem, dx: number, dy: number): SceneItem {
  const point = ([x, y]: Point): Point => [x + dx, y + dy];
  switch (item.kind) {
    case 'text':
    case 'join':
      return { ...item, at: point(item.at) };
    case 'line':
      return { ...item, points: item.points.map(point) };
    case 'crop-mark':
      return { ...item, points: [point(item.points[0]), point(item.points[1])] };
    case 'box': {
      const { left, top, right, bottom } = item.bounds;
      return {
        ...item,
        bounds: { left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy },
      };
    }
    default:
      return item satisfies never;
  }
}
