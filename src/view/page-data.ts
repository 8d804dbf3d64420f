import type { StackSize } from './viewed-image.js';

/** An array in a page: the bytes of its numbers, deflated, as base64 in the element with this id. */
export interface PageArray {
  readonly id: string;
  readonly bytes: 1 | 2 | 4;
  readonly length: number;
  /** Whether each number is stored as the difference from the one before. */
  readonly differences: boolean;
}

export interface PageChannel {
  readonly name: string;
  readonly codes: PageArray;
  readonly slope: number;
  readonly intercept: number;
  readonly hasGaps: boolean;
  readonly exact: boolean;
  readonly low: number;
  readonly high: number;
  /** The header of a NIfTI file of these codes, in base64; of volumes only. */
  readonly nifti?: string;
}

/** What the scripts of a viewer's page read, as JSON. */
export interface PageData {
  readonly size: StackSize;
  readonly kind: 'planes' | 'volume';
  readonly colour: boolean;
  readonly channels: readonly PageChannel[];
  readonly spacing?: StackSize;
  readonly unit?: string;
  /** Whether the file says where a volume lies in a body. */
  readonly isPlaced: boolean;
  readonly reduction: StackSize;
  readonly masks: readonly {
    readonly name: string;
    readonly labels: PageArray;
    readonly counts: readonly number[];
  }[];
  /** The text of each class's value, its name or null, and its colours, red, green and blue one after the other. */
  readonly values: readonly string[];
  readonly names: readonly (string | null)[];
  readonly colours: readonly number[];
  readonly objects: boolean;
}

/** The id of the element with the JSON. */
export const PAGE_DATA = 'view-data';
