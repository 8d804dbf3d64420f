import { cropText, gateCaption } from '../captions.js';
import type { FeatureMap, UPicture as Picture, PictureSkip } from '../picture.js';
import { textWidth } from '../svg/text-metrics.js';
import { layRow, ownCentre, type RowLayout } from './row-layout.js';
import { scaleOf } from './scale.js';
import { JOIN_RADIUS } from './scene.js';

/** A row of one side with its position on the page. */
export interface PlacedRow {
  readonly layout: RowLayout;
  /** The offset from the row's own x to the page's. */
  readonly x: number;
  /** Index of the map that the up arrow leaves from. */
  readonly exit: number;
}

export interface PlacedLevel {
  /** The centre line. */
  readonly y: number;
  /** The middle of the free strip above the row, where arrows between rows turn. */
  readonly turn: number;
  /** The y of the lowest track over the row's labels. */
  readonly trackBase: number;
  /** The y of the track of each skip that passes over maps, in the picture's order. */
  readonly skipTracks: readonly number[];
  readonly encoder: PlacedRow;
  readonly decoder: PlacedRow;
}

export const TRACK_PITCH = 10;
/** The pitch of tracks with crop texts below them. */
const TEXT_TRACK_PITCH = 20;
/** The free strip between two rows. */
const STRIP = 34;
/**
 * The widest U with straight arrows between its rows. In a wider one, rows move together and their arrows get elbows.
 */
const WIDEST = 1440;
/** The width of the words for input and output beside the rows. */
const SIDES = 110;
/** The largest shift between a row and the row above it, to try in this order. */
const SHIFTS = [Number.POSITIVE_INFINITY, 160, 120, 88, 56] as const;
/** Between the maps of a row and a line that runs up beside them. */
const LANE_SPACE = 18;
const SHORTEST_COPY = 44;
/** Space for a gate before the map that its skip ends at. */
export const GATE_SPACE = 46;

/** Space for the two lines under a gated skip. */
const GATE_CAPTION_SPACE = 34;

/** The last map before a head. */
function exitOf(maps: readonly FeatureMap[]): number {
  const head = maps.findIndex((map, index) => map.isAside && index > 0);
  return head < 0 ? maps.length - 1 : head - 1;
}

/** Whether a skip passes other maps, and so cannot be straight. */
export function passesOver(skip: PictureSkip, encoder: readonly FeatureMap[]): boolean {
  return skip.to > 0 || skip.from < encoder.length - 1;
}

/** The x at which the up arrow leaves, relative to the row's anchor. */
function exitCentre({ layout, exit }: Omit<PlacedRow, 'x'>): number {
  const slot = layout.slots[exit];
  return slot ? ownCentre(slot) : 0;
}

/**
 * Places the rows of the U. The arrows between rows are straight if the page allows it, as in the U-Net paper.
 * Otherwise rows move together, and the arrows between them get elbows.
 */
export function placeLevels(picture: Picture): readonly PlacedLevel[] {
  const scale = scaleOf(picture);
  const { levels } = picture;
  const bottom = levels.length - 1;
  const row = (
    index: number,
    side: 'encoder' | 'decoder',
    stretch = 0,
    earliestJoin: ReadonlyMap<number, number> = new Map(),
  ): Omit<PlacedRow, 'x'> => {
    const maps = levels[index]?.[side] ?? [];
    const exit = exitOf(maps);
    const goesUp = index > 0 && (side === 'decoder' || index === bottom);
    const skips = picture.skips.filter(({ level }) => level === index);
    const encoder = levels[index]?.encoder ?? [];
    const departures = side === 'encoder' ? skips.filter((skip) => passesOver(skip, encoder)) : [];
    const single = goesUp && side === 'encoder' && exit === 0;
    const layout = layRow(maps, {
      scale,
      entersTop: side === 'encoder' && index > 0,
      exit: goesUp && !single ? exit : undefined,
      stretch,
      earliestJoin,
      departures: new Set(departures.map(({ from }) => from)),
    });
    return { layout, exit };
  };
  const encoders = levels.map((_, index) => row(index, 'encoder'));
  const decoders = levels.map((_, index) => row(index, 'decoder'));
  const rowsAt = (shift: number) => placeRows(picture, encoders, decoders, shift);
  const reach = ({ decoderX }: PlacedX) =>
    Math.max(...decoderX.map((x, index) => x + (decoders[index]?.layout.right ?? 0)));

  const shift = SHIFTS.find((one) => reach(rowsAt(one)) <= WIDEST) ?? SHIFTS[SHIFTS.length - 1] ?? 0;
  let placed = rowsAt(shift);
  // Missing space for the skips goes between the maps of the bottleneck, so that the up arrow stays straight.
  const gaps = encoders[bottom]?.exit ?? 0;
  if (placed.missing > 0 && gaps > 0) {
    encoders[bottom] = row(bottom, 'encoder', placed.missing / gaps);
    placed = rowsAt(shift);
  }
  for (const level of new Set(picture.feeds.map(({ to }) => to.level))) {
    decoders[level] = row(level, 'decoder', 0, joinsBesideRows(picture, level, encoders, decoders, placed));
  }
  return stack(picture, encoders, decoders, placed);
}

/**
 * The smallest x of each join of a row that leaves room for lines from deeper rows, to the right of all rows between.
 */
function joinsBesideRows(
  { feeds }: Picture,
  level: number,
  encoders: readonly Omit<PlacedRow, 'x'>[],
  decoders: readonly Omit<PlacedRow, 'x'>[],
  { encoderX, decoderX }: PlacedX,
): ReadonlyMap<number, number> {
  const right = (index: number) => {
    const isBottom = index === encoders.length - 1;
    const layout = (isBottom ? encoders : decoders)[index]?.layout;
    return (layout?.right ?? 0) + ((isBottom ? encoderX : decoderX)[index] ?? 0);
  };
  const joins = new Map<number, number>();
  for (const { from, to } of feeds) {
    if (to.level !== level) continue;
    for (let index = level + 1; index <= from.level; index += 1) {
      const x = right(index) + LANE_SPACE + JOIN_RADIUS - (decoderX[level] ?? 0);
      joins.set(to.index, Math.max(joins.get(to.index) ?? x, x));
    }
  }
  return joins;
}

/** Whether a U with all of its maps is wider than a page. */
export function isTooWide(picture: Picture): boolean {
  return widthOf(placeLevels(picture)) > WIDEST + SIDES;
}

/** From the leftmost to the rightmost ink of all rows. */
function widthOf(levels: readonly PlacedLevel[]): number {
  const rows = levels.flatMap(({ encoder, decoder }) => [encoder, decoder]);
  const left = Math.min(...rows.map(({ x, layout }) => x + layout.left));
  return Math.max(...rows.map(({ x, layout }) => x + layout.right)) - left;
}

interface PlacedX {
  readonly encoderX: readonly number[];
  readonly decoderX: readonly number[];
  /** How far the decoder is to the right of the position that would make its arrows straight. */
  readonly missing: number;
}

function placeRows(
  picture: Picture,
  encoders: readonly Omit<PlacedRow, 'x'>[],
  decoders: readonly Omit<PlacedRow, 'x'>[],
  shift: number,
): PlacedX {
  const bottom = encoders.length - 1;
  const encoderX: number[] = [];
  let x = 0;
  for (const { layout } of encoders) {
    encoderX.push(x);
    const last = layout.slots.at(-1);
    x += last ? Math.min(shift, ownCentre(last)) : 0;
  }
  const decoderX = decoders.map(() => 0);
  const lowest = encoders[bottom];
  const lowestX = encoderX[bottom] ?? 0;
  x = lowest ? lowestX + exitCentre(lowest) : 0;
  for (let index = bottom - 1; index >= 0; index -= 1) {
    decoderX[index] = x;
    const decoder = decoders[index];
    if (decoder && decoder.layout.slots.length > 0) x += Math.min(shift, exitCentre(decoder));
  }
  let missing = 0;
  for (let index = 0; index < bottom; index += 1) {
    const encoderEnd = (encoderX[index] ?? 0) + (encoders[index]?.layout.right ?? 0);
    const decoderStart = (decoderX[index] ?? 0) + (decoders[index]?.layout.left ?? 0);
    missing = Math.max(missing, encoderEnd + copySpace(picture, index) - decoderStart);
  }
  // The up arrow of a bottleneck with one map leaves to the right, because the pooling arrow arrives at its top.
  const only = lowest?.exit === 0 ? lowest.layout.slots[0] : undefined;
  if (only) missing = Math.max(missing, lowestX + only.right + 28 + JOIN_RADIUS - x0(decoderX, bottom));
  return { encoderX, decoderX: decoderX.map((start) => start + missing), missing };
}

function x0(decoderX: readonly number[], bottom: number): number {
  return decoderX[bottom - 1] ?? Number.POSITIVE_INFINITY;
}

/** The smallest distance between the two sides of a level. */
function copySpace(picture: Picture, level: number): number {
  const skips = picture.skips.filter((skip) => skip.level === level);
  const needs = skips.map((skip) => {
    const texts = [cropText(skip), ...gateCaption(skip.gate)];
    const widest = Math.max(...texts.map((text) => textWidth(text, 'size')));
    return Math.max(SHORTEST_COPY, widest + 28) + (skip.gate ? GATE_SPACE : 0);
  });
  return Math.max(SHORTEST_COPY, ...needs);
}

function stack(
  picture: Picture,
  encoders: readonly Omit<PlacedRow, 'x'>[],
  decoders: readonly Omit<PlacedRow, 'x'>[],
  { encoderX, decoderX }: PlacedX,
): readonly PlacedLevel[] {
  const result: PlacedLevel[] = [];
  let edge = 0;
  for (const [index, encoder] of encoders.entries()) {
    const decoder = decoders[index];
    if (!decoder) throw new Error(`no decoder row ${index}`);
    const maps = picture.levels[index]?.encoder ?? [];
    const routed = picture.skips.filter((skip) => skip.level === index && passesOver(skip, maps));
    const bypasses = Math.max(encoder.layout.trackCount, decoder.layout.trackCount);
    const pitch = routed.some((skip) => cropText(skip) !== '') ? TEXT_TRACK_PITCH : TRACK_PITCH;
    const tracks = bypasses * TRACK_PITCH + routed.length * pitch;
    const above = Math.max(encoder.layout.above, decoder.layout.above);
    const y = edge + tracks + (tracks > 0 ? 4 : 0) + above;
    result.push({
      y,
      turn: edge - STRIP / 2,
      trackBase: y - above - TRACK_PITCH / 2,
      skipTracks: routed.map(
        (_, skip) => y - above - TRACK_PITCH / 2 - bypasses * TRACK_PITCH - skip * pitch,
      ),
      encoder: { ...encoder, x: encoderX[index] ?? 0 },
      decoder: { ...decoder, x: decoderX[index] ?? 0 },
    });
    const gated = picture.skips.some((skip) => skip.level === index && skip.gate);
    const below = Math.max(encoder.layout.below, decoder.layout.below, gated ? GATE_CAPTION_SPACE : 0);
    edge = y + below + STRIP;
  }
  return result;
}
