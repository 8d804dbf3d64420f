import type { ArrayNote, Axis, AxisName } from '../stored-array.js';
import { unitNamed } from '../unit-names.js';
import type { Page } from './page.js';
import type { PlaneAxes } from './plane-axes.js';

const OUTER: Readonly<Record<string, AxisName>> = { Z: 'z', C: 'channel', T: 'time' };

/** The start tags of an element with a name, with their attributes. */
function elements(xml: string, name: string): ReadonlyMap<string, string>[] {
  const found: ReadonlyMap<string, string>[] = [];
  for (const [, attributes = ''] of xml.matchAll(new RegExp(`<(?:\\w+:)?${name}\\b([^>]*)>`, 'g'))) {
    found.push(
      new Map(
        [...attributes.matchAll(/([\w:]+)\s*=\s*"([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
      ),
    );
  }
  return found;
}

const whole = (text: string | undefined): number | undefined => {
  const value = Number(text);
  return text !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
};

/** The positions of all planes in the order that `axes` (fastest first) gives them. */
function positionOf(
  indices: Readonly<Record<string, number>>,
  order: string,
  sizes: Readonly<Record<string, number>>,
) {
  let [position, stride] = [0, 1];
  for (const letter of order) {
    position += (indices[letter] ?? 0) * stride;
    stride *= sizes[letter] ?? 1;
  }
  return position;
}

/**
 * The axes of the first image that OME's description names: undefined where the text is not OME's. 'contradictory'
 * where the sizes do not fit the pages, and the counts where planes lie in other files.
 */
export function readOme(
  text: string,
  first: Page,
  pages: number,
): PlaneAxes | 'contradictory' | { readonly planes: number; readonly here: number } | undefined {
  if (!/<(?:\w+:)?OME\b/.test(text)) return undefined;
  const images = text.split(/<(?:\w+:)?Image\b/).slice(1);
  const xml = images[0] ?? '';
  const [pixels] = elements(xml, 'Pixels');
  if (pixels === undefined) return undefined;
  const order = (pixels.get('DimensionOrder') ?? 'XYZCT').slice(2);
  const channels = elements(xml, 'Channel');
  const samples = whole(channels[0]?.get('SamplesPerPixel')) ?? 1;
  const sizes = {
    Z: whole(pixels.get('SizeZ')) ?? 1,
    C: (whole(pixels.get('SizeC')) ?? 1) / samples,
    T: whole(pixels.get('SizeT')) ?? 1,
  };
  const planes = sizes.Z * sizes.C * sizes.T;
  if (
    !/^[ZCT]{3}$/.test(order) ||
    new Set(order).size !== 3 ||
    !Number.isSafeInteger(planes) ||
    planes < 1 ||
    planes > 2 ** 24 ||
    samples !== first.samples
  ) {
    return 'contradictory';
  }
  const pageOf = new Array<number | undefined>(planes);
  const data = elements(xml, 'TiffData');
  let elsewhere = false;
  // The planes of a TiffData follow in the order of dimensions, from where it begins.
  const uuids = [...xml.matchAll(/<(?:\w+:)?TiffData\b[^>]*>\s*<(?:\w+:)?UUID\b[^>]*>([^<]*)</g)].map(
    ([, uuid = '']) => uuid.trim(),
  );
  const own = /<(?:\w+:)?OME\b[^>]*\bUUID\s*=\s*"([^"]*)"/.exec(text)?.[1];
  if (uuids.length > 0 && own !== undefined && uuids.some((uuid) => uuid !== own)) elsewhere = true;
  for (const [i, one] of (data.length === 0 ? [new Map<string, string>()] : data).entries()) {
    if (uuids.length === data.length && own !== undefined && data.length > 0 && uuids[i] !== own) continue;
    const start = positionOf(
      {
        Z: whole(one.get('FirstZ')) ?? 0,
        C: whole(one.get('FirstC')) ?? 0,
        T: whole(one.get('FirstT')) ?? 0,
      },
      order,
      sizes,
    );
    const ifd = whole(one.get('IFD'));
    const count = whole(one.get('PlaneCount')) ?? (ifd === undefined ? planes - start : 1);
    for (let k = 0; k < count && start + k < planes; k++) pageOf[start + k] = (ifd ?? 0) + k;
  }
  const here = Array.from(pageOf).filter((page) => page !== undefined && page < pages).length;
  if (here < planes) return elsewhere ? { planes, here } : 'contradictory';
  // Slowest first: the order of dimensions says the fastest first.
  const letters = [...order].reverse();
  const axes: Axis[] = letters.flatMap((letter) => {
    const [name, size] = [OUTER[letter], sizes[letter as 'Z' | 'C' | 'T']]; // `order` is a permutation of ZCT
    return name !== undefined && size > 1 ? [{ name, size }] : [];
  });
  const physical = (letter: string) => {
    const value = Number(pixels.get(`PhysicalSize${letter}`));
    return value > 0 && Number.isFinite(value) ? value : undefined;
  };
  const [x, y, z] = [physical('X'), physical('Y'), physical('Z')];
  const names = channels.map((channel) => channel.get('Name') ?? '');
  const notes: ArrayNote[] = [
    ...(images.length > 1 ? [{ kind: 'other-images', count: images.length - 1 } as const] : []),
    ...(names.some((name) => name !== '') ? [{ kind: 'channel-names', names } as const] : []),
  ];
  return {
    axes,
    planes: Array.from(pageOf, (page) => page ?? 0),
    contiguous: false,
    spacing: {
      ...(x === undefined ? {} : { x }),
      ...(y === undefined ? {} : { y }),
      ...(z === undefined ? {} : { z }),
    },
    // OME's default is the micrometre.
    unit: x === undefined ? undefined : (unitNamed(pixels.get('PhysicalSizeXUnit') ?? 'µm') ?? undefined),
    notes,
  };
}
