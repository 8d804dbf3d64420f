import type { WorldGeometry } from '../formats/geometry.js';
import { type CodedValues, codeCounts, codesAt, codeValues, type StoredNumbers } from './coded-values.js';
import type { Rgb } from './colours.js';

/** Slices, rows and columns. */
export type StackSize = readonly [number, number, number];

export interface ViewedChannel extends CodedValues {
  readonly name: string;
  /** The codes that are shown as black and as white at first. */
  readonly low: number;
  readonly high: number;
}

/** An image to look at: a picture, a stack of them, or a volume. */
export interface ViewedImage {
  readonly name: string;
  /** The slices of a volume are neighbours in space; other planes are shown one at a time. */
  readonly kind: 'planes' | 'volume';
  readonly size: StackSize;
  /** Row-major (slices, rows, columns) each. */
  readonly channels: readonly ViewedChannel[];
  /** Whether the channels are red, green and blue, shown in one window. */
  readonly colour: boolean;
  /** Distances between slices, rows and columns. */
  readonly spacing?: StackSize;
  /** The unit of `spacing`: "mm", "µm". */
  readonly unit?: string;
  /** The place of a volume in a body, where the file states it; its affine counts for the voxels of `size`. */
  readonly geometry?: WorldGeometry;
  /** Whether it is nothing but a place for masks, all black; false when left out. */
  readonly isBlank?: boolean;
  /** How many stored positions one shown position stands for, along each axis. */
  readonly reduction: StackSize;
}

/** Labels to show over an image: the number of a class of the table for each position. */
export interface ViewedMask {
  readonly name: string;
  /** Row-major, as the image. */
  readonly labels: Uint8Array | Uint16Array | Uint32Array;
  /** How many positions each class has, before any reduction. */
  readonly counts: readonly number[];
}

export interface ViewedClass {
  /** The value in the masks: "255", "#ff8000". */
  readonly value: string;
  readonly name?: string;
  readonly colour: Rgb;
}

/** The classes of all masks of a page. The first is the background, which has no colour. */
export interface ClassTable {
  readonly classes: readonly ViewedClass[];
  /** Whether the values number objects: then colours repeat, and the page lists no single classes. */
  readonly objects: boolean;
}

/** Everything that one page shows. */
export interface ViewerContent {
  readonly title: string;
  readonly image: ViewedImage;
  readonly masks: readonly ViewedMask[];
  readonly table: ClassTable;
  /** Names and values that stand below the title: the format, the size. */
  readonly facts: readonly (readonly [string, string])[];
  /** Sentences on what the page shows and how. */
  readonly notes: readonly string[];
}

/** What is shown as black and as white at first: all of an 8-bit picture in colours, or these parts of the values. */
const PARTS = [0.005, 0.995] as const;

/** StoredNumbers of an image, (slices, rows, columns), as a channel with its first window. */
export function viewedChannel(
  name: string,
  values: StoredNumbers,
  scale?: { readonly slope: number; readonly intercept: number },
): ViewedChannel {
  const coded = codeValues(values, scale);
  const [low = 0, high = 0] = codesAt(codeCounts(coded), PARTS);
  return { ...coded, name, low, high: Math.max(high, low + 1) };
}

/** Channels of colours, in one window that shows all codes of their type. */
export function colourChannels(channels: readonly ViewedChannel[]): readonly ViewedChannel[] {
  const isSmall = channels.every(({ codes }) => codes instanceof Uint8Array);
  const high = isSmall ? 255 : Math.max(...channels.map((channel) => channel.high));
  return channels.map((channel) => ({ ...channel, low: 0, high }));
}
