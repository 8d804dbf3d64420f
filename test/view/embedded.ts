import { inflateSync } from 'node:zlib';
import { expect } from 'vitest';

interface EmbeddedArray {
  readonly id: string;
  readonly bytes: number;
  readonly length: number;
  readonly differences: boolean;
}

interface EmbeddedChannel {
  readonly name: string;
  readonly codes: EmbeddedArray;
  readonly slope: number;
  readonly intercept: number;
  readonly hasGaps: boolean;
  readonly exact: boolean;
  readonly low: number;
  readonly high: number;
  readonly nifti?: string;
}

export interface EmbeddedData {
  readonly size: readonly number[];
  readonly kind: string;
  readonly colour: boolean;
  readonly channels: readonly EmbeddedChannel[];
  readonly spacing?: readonly number[];
  readonly unit?: string;
  readonly isPlaced: boolean;
  readonly reduction: readonly number[];
  readonly masks: readonly { name: string; labels: EmbeddedArray; counts: readonly number[] }[];
  readonly values: readonly string[];
  readonly names: readonly (string | null)[];
  readonly colours: readonly number[];
  readonly objects: boolean;
}

function textOf(html: string, id: string): string {
  const found = new RegExp(`<script type="[^"]*" id="${id}">([^<]*)</script>`).exec(html);
  expect(found, id).not.toBeNull();
  return found?.[1] ?? '';
}

/** The JSON of a page. */
export function dataOf(html: string): EmbeddedData {
  return JSON.parse(textOf(html, 'view-data'));
}

/** An array of a page, decoded as its description says and not by the page's own script. */
export function arrayOf(html: string, { id, bytes, length, differences }: EmbeddedArray): number[] {
  const raw = inflateSync(Buffer.from(textOf(html, id), 'base64'));
  expect(raw.length).toBe(bytes * length);
  const numbers: number[] = [];
  for (let i = 0; i < length; i++) {
    let value = 0;
    for (let byte = bytes - 1; byte >= 0; byte--) value = value * 256 + (raw[byte * length + i] ?? 0);
    numbers.push(differences && i > 0 ? ((numbers[i - 1] ?? 0) + value) % 256 ** bytes : value);
  }
  return numbers;
}

/** The numbers that a page has for a channel. */
export function valuesOf(html: string, index = 0): number[] {
  const channel = dataOf(html).channels[index];
  if (channel === undefined) throw new Error(`no channel ${index}`);
  const { slope, intercept, hasGaps } = channel;
  return arrayOf(html, channel.codes).map((code) =>
    hasGaps && code === 65535 ? Number.NaN : slope * code + intercept,
  );
}

/** The value of the mask that a page has at each position, as text. */
export function labelsOf(html: string, index = 0): (string | undefined)[] {
  const { masks, values } = dataOf(html);
  const mask = masks[index];
  if (mask === undefined) throw new Error(`no mask ${index}`);
  return arrayOf(html, mask.labels).map((label) => values[label]);
}

/** Sizes, type, scale and transform of the NIfTI header of a channel, read by the fields of nifti1.h. */
export function niftiOf(html: string, index = 0) {
  const bytes = Buffer.from(dataOf(html).channels[index]?.nifti ?? '', 'base64');
  const row = (at: number) => [0, 1, 2, 3].map((j) => bytes.readFloatLE(at + 4 * j));
  return {
    length: bytes.length,
    size: [1, 2, 3].map((i) => bytes.readInt16LE(40 + 2 * i)),
    type: bytes.readInt16LE(70),
    scale: [bytes.readFloatLE(112), bytes.readFloatLE(116)],
    spacing: [1, 2, 3].map((i) => bytes.readFloatLE(76 + 4 * i)),
    affine: [row(280), row(296), row(312)],
  };
}
