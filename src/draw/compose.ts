import { Legend } from './legend.js';
import { NetworkComposer } from './network-items.js';
import type { Picture } from './picture.js';
import { type Bounds, boundsOf, type Point, type Scene, type SceneItem, union } from './scene.js';
import { fitText, type TextClass } from './text-metrics.js';
import { placeLevels } from './u-layout.js';

const MARGIN = 24;
const LEGEND_GAP = 28;
const LONGEST_TITLE = 900;

/** Turns a picture into boxes, lines and texts with their places. */
export function compose(picture: Picture): Scene {
  const levels = placeLevels(picture);
  const legend = new Legend(picture);
  const network = new NetworkComposer(picture, levels, legend).network();
  const items = [...network, ...placeLegend(network, legend)];
  const content = union(items.map(boundsOf));
  items.push(...header(picture, content));
  const { left, top, right, bottom } = union(items.map(boundsOf));
  const grown = { left: left - MARGIN, top: top - MARGIN, right: right + MARGIN, bottom: bottom + MARGIN };
  return { bounds: grown, items };
}

function header(picture: Picture, { left, top }: Bounds): readonly SceneItem[] {
  const line = (text: string, style: TextClass, y: number): readonly SceneItem[] =>
    text === ''
      ? []
      : [
          {
            kind: 'text',
            at: [left, y],
            text: fitText(text, style, LONGEST_TITLE),
            style,
            anchor: 'start',
            rotated: false,
          },
        ];
  return [...line(picture.title, 'title', top - 46), ...line(picture.subtitle, 'subtitle', top - 26)];
}

/** At the lower right: below what is there or beside it, whichever makes the smaller page. */
function placeLegend(network: readonly SceneItem[], legend: Legend): readonly SceneItem[] {
  const { items, height } = legend.items();
  if (items.length === 0) return [];
  const own = union(items.map(boundsOf));
  const width = own.right;
  const bounds = network.map(boundsOf);
  const page = union(bounds);
  const lowest = bounds
    .filter(({ right }) => right > page.right - width - LEGEND_GAP)
    .reduce((edge, { bottom }) => Math.max(edge, bottom), page.top);
  const below = Math.max(lowest + LEGEND_GAP, page.bottom - height);
  const areaBelow = (below + height - page.top) * (page.right - page.left);
  const beside = Math.max(page.top, page.bottom - height);
  const rightmost = bounds
    .filter(({ bottom }) => bottom > beside - LEGEND_GAP)
    .reduce((edge, { right }) => Math.max(edge, right), page.left);
  const right = Math.max(page.right, rightmost + LEGEND_GAP + width);
  const areaBeside = (Math.max(page.bottom, beside + height) - page.top) * (right - page.left);
  const [x, y] = areaBelow <= areaBeside ? [page.right - width, below] : [right - width, beside];
  return items.map((item) => moved(item, Math.max(x, page.left), y));
}

function moved(item: SceneItem, dx: number, dy: number): SceneItem {
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
