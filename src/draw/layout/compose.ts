import type { Picture, UPicture } from '../picture.js';
import type { Heading } from '../picture-parts.js';
import { fitText, type TextClass } from '../svg/text-metrics.js';
import { type Composed, Legend } from './legend.js';
import { composeNested } from './nested-items.js';
import { NetworkComposer } from './network-items.js';
import { type Bounds, boundsOf, moved, type Scene, type SceneItem, union } from './scene.js';
import { placeLevels } from './u-layout.js';

const MARGIN = 24;
const LEGEND_GAP = 28;
/** The widest page with a legend beside the network. */
const WIDEST_PAGE = 1550;
const LONGEST_TITLE = 900;

/** Turns a picture into boxes, lines and texts with their positions. */
export function compose(picture: Picture): Scene {
  const { network, legend } = picture.kind === 'u' ? composeU(picture) : composeNested(picture);
  const items = [...network, ...placeLegend(network, legend)];
  const content = union(items.map(boundsOf));
  items.push(...header(picture, content));
  const { left, top, right, bottom } = union(items.map(boundsOf));
  const grown = { left: left - MARGIN, top: top - MARGIN, right: right + MARGIN, bottom: bottom + MARGIN };
  return { bounds: grown, items };
}

function composeU(picture: UPicture): Composed {
  const legend = Legend.ofU(picture);
  return { network: new NetworkComposer(picture, placeLevels(picture), legend).network(), legend };
}

function header(picture: Heading, { left, top }: Bounds): readonly SceneItem[] {
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

/** The most columns of a legend below the network. */
const MOST_COLUMNS = 4;

/**
 * Places the legend at the lower right: below the network or beside it, whichever makes the smaller page. If the page
 * gets too wide, the legend goes below the network, in columns.
 */
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
  if (areaBelow > areaBeside && right - page.left > WIDEST_PAGE) {
    const counts = Array.from({ length: MOST_COLUMNS }, (_, index) => MOST_COLUMNS - index);
    const wide = counts
      .map((columns) => legend.items(columns).items)
      .find((list) => union(list.map(boundsOf)).right <= page.right - page.left);
    if (wide) return wide.map((item) => moved(item, page.left, page.bottom + LEGEND_GAP));
  }
  return items.map((item) => moved(item, Math.max(x, page.left), y));
}
