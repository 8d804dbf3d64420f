import { type FeatureMap, mapSizeText } from '../picture.js';
import { fontSizes, textWidth } from '../svg/text-metrics.js';
import { boxSize } from './collapsed-run-text.js';
import type { Scale } from './scale.js';
import { JOIN_RADIUS } from './scene.js';

/** The position of the number of channels: an arrow at the top of a box moves it aside. */
export type LabelSide = 'middle' | 'left' | 'right';

/** One map in a row. All x are relative to the row's anchor: the centre of its first box or join. */
export interface Slot {
  readonly map: FeatureMap;
  readonly left: number;
  readonly right: number;
  /** The right edge of the white part; `left` if there is none. */
  readonly seam: number;
  readonly height: number;
  readonly joinX: number | undefined;
  readonly label: LabelSide;
  /** The size to print beside the box; empty if the box before has the same size. */
  readonly size: string;
  /** The x at which lines that pass above the next maps leave the row. */
  readonly departure: number;
}

/** The maps of one side of one level, from left to right. */
export interface RowLayout {
  readonly slots: readonly Slot[];
  /** From the leftmost to the rightmost ink, texts included. */
  readonly left: number;
  readonly right: number;
  /** The vertical extent from the centre line up to the highest label, and down to the lowest. */
  readonly above: number;
  readonly below: number;
  /** The track of each bypass, by map and then by bypass; 0 is the lowest. */
  readonly tracks: readonly (readonly number[])[];
  readonly trackCount: number;
}

export const LABEL_GAP = 5;
const LABEL_HEIGHT = fontSizes.channels + 2;
/** The distance from a box to the baseline of its size. */
export const SIZE_GAP = 5;
const SIZE_SPACE = SIZE_GAP + fontSizes.size + 2;
/** The distance from the upper end of a size to the centre line, where the arrows run. */
export const SIZE_CLEARANCE = 9;

interface RowOptions {
  readonly scale: Scale;
  /** Whether an arrow enters at the top of the first map. */
  readonly entersTop: boolean;
  /** Index of the map that the up arrow leaves from at its top, if one does. */
  readonly exit: number | undefined;
  /** Added to every gap. */
  readonly stretch: number;
  /** The smallest x of a join, by map: lines from other rows arrive there from below. */
  readonly earliestJoin: ReadonlyMap<number, number>;
  /** The maps with a skip that passes above the next maps. */
  readonly departures: ReadonlySet<number>;
}

/** The centre of a box without its copied part. */
export function ownCentre({ seam, right }: Slot): number {
  return (seam + right) / 2;
}

export function layRow(maps: readonly FeatureMap[], options: RowOptions): RowLayout {
  const slots: Slot[] = [];
  const departures = new Set([
    ...options.departures,
    ...maps.flatMap(({ bypasses }) => bypasses.map(({ from }) => from)),
  ]);
  for (const [index, map] of maps.entries())
    slots.push(nextSlot(index, map, slots.at(-1), { ...options, departures }));
  const tracks = assignTracks(slots);
  return {
    slots,
    left: slots.reduce((least, slot) => Math.min(least, leftInk(slot)), 0),
    right: slots.reduce((most, slot) => Math.max(most, rightInk(slot)), 0),
    above: slots.reduce((most, { height }) => Math.max(most, height / 2 + LABEL_GAP + LABEL_HEIGHT), 0),
    below: slots.reduce(
      (most, { size, height }) => Math.max(most, height / 2, SIZE_CLEARANCE + textWidth(size, 'size')),
      0,
    ),
    tracks,
    trackCount: tracks.flat().reduce((most, track) => Math.max(most, track + 1), 0),
  };
}

function nextSlot(
  index: number,
  map: FeatureMap,
  before: Slot | undefined,
  { scale, entersTop, exit, stretch, departures, earliestJoin }: RowOptions,
): Slot {
  const white = map.copied > 0 ? scale.width(map.copied) : 0;
  const plain = { width: scale.width(map.channels - map.copied), height: scale.height(map.spatial) };
  const { width: own, height } = boxSize(map, plain);
  const size = mapSizeText(map.spatial);
  const shown = before && mapSizeText(before.map.spatial) === size ? '' : size;
  const label: LabelSide = index === 0 && entersTop ? 'left' : index === exit ? 'right' : 'middle';
  const gapToBox = shown === '' ? 26 : 20 + SIZE_SPACE;
  const [overhangLeft] = labelOverhang(map, white + own, label);
  const departs = departures.has(index - 1);
  const clear = before ? rightInk(before) - before.right + (departs ? 12 : 0) : 0;

  let left: number;
  let joinX: number | undefined;
  if (map.join && !before) {
    joinX = 0;
    left = JOIN_RADIUS + gapToBox;
  } else if (map.join && before) {
    const nearest = before.right + Math.max(24, clear + 10) + JOIN_RADIUS + stretch / 2;
    joinX = Math.max(nearest, earliestJoin.get(index) ?? nearest);
    left = joinX + JOIN_RADIUS + Math.max(gapToBox, overhangLeft + 4) + stretch / 2;
  } else if (before) {
    left = before.right + Math.max(gapToBox, clear + overhangLeft + 8) + stretch;
  } else {
    left = -white - own / 2;
  }
  const right = left + white + own;
  return {
    map,
    left,
    right,
    seam: left + white,
    height,
    joinX,
    label,
    size: shown,
    departure: Math.max(right + 8, right + labelOverhang(map, white + own, label)[1] + 5),
  };
}

/** How far the number of channels extends beyond the box on each side. */
function labelOverhang(map: FeatureMap, width: number, side: LabelSide): readonly [number, number] {
  const text = textWidth(String(map.channels), 'channels');
  const half = width / 2;
  const ASIDE = 8;
  if (side === 'left') return [Math.max(0, text + ASIDE - half), 0];
  if (side === 'right') return [0, Math.max(0, text + ASIDE - half)];
  return [Math.max(0, text / 2 - half), Math.max(0, text / 2 - half)];
}

function leftInk(slot: Slot): number {
  const [overhang] = labelOverhang(slot.map, slot.right - slot.left, slot.label);
  const size = slot.size === '' ? 0 : SIZE_SPACE;
  const body = slot.left - Math.max(overhang, size);
  return slot.joinX === undefined ? body : Math.min(body, slot.joinX - JOIN_RADIUS);
}

function rightInk(slot: Slot): number {
  return slot.right + labelOverhang(slot.map, slot.right - slot.left, slot.label)[1];
}

/** Shorter bypasses run lower; bypasses that overlap get different tracks. */
function assignTracks(slots: readonly Slot[]): readonly (readonly number[])[] {
  const spans = slots.flatMap(({ map }, to) =>
    map.bypasses.map(({ from }, index) => ({ from, to, index, track: 0 })),
  );
  const placed: typeof spans = [];
  for (const span of spans.toSorted((a, b) => a.to - a.from - (b.to - b.from))) {
    const taken = placed.filter((other) => other.from < span.to && span.from < other.to);
    while (taken.some(({ track }) => track === span.track)) span.track += 1;
    placed.push(span);
  }
  return slots.map(({ map }, to) =>
    map.bypasses.map((_, index) => placed.find((span) => span.to === to && span.index === index)?.track ?? 0),
  );
}
