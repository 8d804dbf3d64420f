import type { GridBox, GridEdge, GridHead, NestedPicture } from '../nested-picture.js';
import { mapSizeText } from '../picture.js';
import { textWidth } from '../svg/text-metrics.js';
import type { Bounds, Point } from './scene.js';

const BOX_HEIGHT = 58;
const NARROWEST = 84;
/** Between two boxes of a level. */
const GAP = 48;
/** Between the rows, without the tracks. */
const STRIP = 44;
const TRACK_PITCH = 9;
/** Between arrows that end in one box. */
const ARRIVAL_PITCH = 9;
/** The distance from the edge of a box to the lines that start and end at it. */
const INSET = 7;
const HEAD_LENGTH = 26;

/**
 * Places the nodes of a grid as in figure 1 of the U-Net++ paper (Zhou et al. 2018, arXiv:1807.10165): the encoder runs
 * down to the right, and X(i,j) stands above the gap between X(i+1,j-1) and X(i+1,j). Skips that pass other nodes run
 * on tracks above the row, one track for each node that they start from.
 */
export class NestedLayout {
  private readonly width: number;
  private readonly tops: readonly number[];
  /** By level, the columns of the nodes whose skips pass above other nodes, in order. */
  private readonly sources: readonly (readonly number[])[];

  constructor(private readonly picture: NestedPicture) {
    const { nodes, edges } = picture;
    const widest = nodes.map(({ path, spatial }) =>
      Math.max(textWidth(path.text, 'block'), textWidth(mapSizeText(spatial), 'size')),
    );
    this.width = Math.max(NARROWEST, ...widest.map((width) => width + 16));
    const levels = nodes.reduce((most, { level }) => Math.max(most, level + 1), 0);
    const perLevel = Array.from({ length: levels }, () => new Set<number>());
    for (const { from, to } of edges) {
      const [start, end] = [nodes[from], nodes[to]];
      if (start && end && this.passesOver(start, end)) perLevel[start.level]?.add(start.column);
    }
    this.sources = perLevel.map((columns) => [...columns].sort((a, b) => a - b));
    const tops: number[] = [];
    let y = 0;
    for (const { length } of this.sources) {
      y += length * TRACK_PITCH + STRIP;
      tops.push(y);
      y += BOX_HEIGHT;
    }
    this.tops = tops;
  }

  /** The box of a node, by its index. */
  box(index: number): Bounds | undefined {
    const node = this.picture.nodes[index];
    const top = this.tops[node?.level ?? -1];
    if (!node || top === undefined) return undefined;
    const left = (node.level + 2 * node.column) * ((this.width + GAP) / 2);
    return { left, top, right: left + this.width, bottom: top + BOX_HEIGHT };
  }

  /** The points of an arrow. */
  points({ from, to }: GridEdge): readonly Point[] | undefined {
    const [start, end] = [this.picture.nodes[from], this.picture.nodes[to]];
    const [a, b] = [this.box(from), this.box(to)];
    if (!start || !end || !a || !b) return undefined;
    const quarter = this.width / 4;
    if (start.level < end.level) {
      return [
        [a.right - quarter, a.bottom + 1],
        [b.left + quarter, b.top - 2],
      ];
    }
    if (start.level > end.level) {
      return [
        [a.right - quarter, a.top - 1],
        [b.left + quarter, b.bottom + 2],
      ];
    }
    if (!this.passesOver(start, end)) {
      const y = (a.top + a.bottom) / 2;
      return [
        [a.right + 1, y],
        [b.left - 2, y],
      ];
    }
    const order = this.sources[start.level]?.indexOf(start.column) ?? 0;
    const tracks = this.sources[start.level]?.length ?? 0;
    const track = a.top - 12 - (tracks - 1 - order) * TRACK_PITCH;
    const arrival = b.left + INSET + order * ARRIVAL_PITCH;
    return [
      [a.right - INSET, a.top - 1],
      [a.right - INSET, track],
      [arrival, track],
      [arrival, b.top - 2],
    ];
  }

  /** The arrow of a head: from the first level upwards, past all tracks; from other levels to the right. */
  headEnd({
    node,
  }: GridHead): { readonly points: readonly [Point, Point]; readonly goesUp: boolean } | undefined {
    const box = this.box(node);
    const level = this.picture.nodes[node]?.level;
    if (!box || level === undefined) return undefined;
    if (level > 0) {
      const y = (box.top + box.bottom) / 2;
      return {
        points: [
          [box.right + 1, y],
          [box.right + HEAD_LENGTH, y],
        ],
        goesUp: false,
      };
    }
    const x = box.right - this.width / 4;
    const top = box.top - HEAD_LENGTH - (this.sources[0]?.length ?? 0) * TRACK_PITCH;
    return {
      points: [
        [x, box.top - 1],
        [x, top],
      ],
      goesUp: true,
    };
  }

  /** Whether a skip passes other nodes, and so cannot be straight. */
  private passesOver(start: GridBox, end: GridBox): boolean {
    if (start.level !== end.level) return false;
    const between = ({ level, column }: GridBox) =>
      level === start.level && column > start.column && column < end.column;
    return this.picture.nodes.some(between);
  }
}
