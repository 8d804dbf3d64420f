import { PAGE_DATA, type PageArray, type PageChannel, type PageData } from '../page-data.js';

type Numbers = Uint8Array | Uint16Array | Uint32Array;

export interface LoadedChannel extends Omit<PageChannel, 'codes'> {
  readonly codes: Uint8Array | Uint16Array;
}

export interface LoadedMask {
  readonly name: string;
  readonly labels: Numbers;
  readonly counts: readonly number[];
}

/** What the page embeds, decoded. */
export interface LoadedPage extends Omit<PageData, 'channels' | 'masks'> {
  readonly channels: readonly LoadedChannel[];
  readonly masks: readonly LoadedMask[];
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}

async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function emptyArray({ bytes, length }: PageArray): Numbers {
  if (bytes === 1) return new Uint8Array(length);
  return bytes === 2 ? new Uint16Array(length) : new Uint32Array(length);
}

/** The numbers of an array that the page embeds. */
async function readArray(array: PageArray): Promise<Numbers> {
  const holder = document.getElementById(array.id);
  const bytes = await inflated(bytesOf(holder?.textContent ?? ''));
  // The text takes memory that nobody needs any more.
  holder?.remove();
  const numbers = emptyArray(array);
  const { length } = numbers;
  // `as number`: every index is within its array, and a check would cost time at every number.
  for (let byte = 0; byte < array.bytes; byte++) {
    const factor = 256 ** byte;
    for (let i = 0; i < length; i++) {
      numbers[i] = (numbers[i] as number) + (bytes[byte * length + i] as number) * factor;
    }
  }
  if (array.differences) {
    // Both are within the length.
    for (let i = 1; i < length; i++) numbers[i] = (numbers[i] as number) + (numbers[i - 1] as number);
  }
  return numbers;
}

/** Reads the page's JSON and its arrays. */
export async function readPage(): Promise<LoadedPage> {
  // The page's builder wrote it from a PageData.
  const data = JSON.parse(document.getElementById(PAGE_DATA)?.textContent ?? '') as PageData;
  const channels: LoadedChannel[] = [];
  for (const channel of data.channels) {
    const codes = await readArray(channel.codes);
    if (!(codes instanceof Uint32Array)) channels.push({ ...channel, codes });
  }
  const masks: LoadedMask[] = [];
  for (const mask of data.masks) masks.push({ ...mask, labels: await readArray(mask.labels) });
  return { ...data, channels, masks };
}
