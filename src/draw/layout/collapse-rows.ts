import { type FeatureMap, mapSizeText, type PictureLevel, type UPicture } from '../picture.js';

/** The shortest run of maps that gets one box. */
const FEWEST = 3;

/** The same picture with each run of equal arrows as one box, for a U that is too wide otherwise. */
export function withCollapsedRows(picture: UPicture): UPicture {
  const { levels, skips, feeds } = picture;
  const bottom = levels.length - 1;
  const collapsed = levels.map(({ encoder, decoder }, level) => {
    const goesOn = (side: 'encoder' | 'decoder') => (index: number) =>
      skips.some((skip) => skip.level === level && (side === 'encoder' ? skip.from : skip.to) === index) ||
      feeds.some(
        ({ from, to }) =>
          (from.level === level &&
            side === (level === bottom ? 'encoder' : 'decoder') &&
            from.index === index) ||
          (to.level === level && side === 'decoder' && to.index === index),
      );
    return {
      encoder: collapseRow(encoder, goesOn('encoder')),
      decoder: collapseRow(decoder, goesOn('decoder')),
    };
  });
  const newIndex = (level: number, side: 'encoder' | 'decoder', index: number) =>
    collapsed[level]?.[side].indices[index] ?? index;
  const decoderSide = (level: number) => (level === bottom ? 'encoder' : 'decoder');
  return {
    ...picture,
    levels: collapsed.map(
      ({ encoder, decoder }): PictureLevel => ({ encoder: encoder.maps, decoder: decoder.maps }),
    ),
    skips: skips.map((skip) => ({
      ...skip,
      from: newIndex(skip.level, 'encoder', skip.from),
      to: newIndex(skip.level, 'decoder', skip.to),
    })),
    feeds: feeds.map(({ from, to, arrow }) => ({
      from: { ...from, index: newIndex(from.level, decoderSide(from.level), from.index) },
      to: { ...to, index: newIndex(to.level, 'decoder', to.index) },
      arrow,
    })),
  };
}

interface CollapsedRow {
  readonly maps: readonly FeatureMap[];
  /** The index in `maps` of each map of the original row. */
  readonly indices: readonly number[];
}

/** @param isEnd whether another line starts or ends at a map, so that a run must end there */
function collapseRow(row: readonly FeatureMap[], isEnd: (index: number) => boolean): CollapsedRow {
  const leaves = new Set(row.flatMap(({ bypasses }) => bypasses.map(({ from }) => from)));
  const maps: FeatureMap[] = [];
  const indices: number[] = [];
  for (let index = 0; index < row.length; ) {
    let end = index + 1;
    const first = row[index];
    if (!first) break;
    while (continues(first, row[end]) && !leaves.has(end - 1) && !isEnd(end - 1)) end += 1;
    const last = row[end - 1];
    const label = first.arrow?.label;
    const runs = end - index >= FEWEST && isPlain(first) && label !== undefined;
    const taken = runs ? end - index : 1;
    const { arrow, ...rest } = runs && last ? last : first;
    for (let i = 0; i < taken; i += 1) indices.push(maps.length);
    const map: FeatureMap = runs
      ? { ...rest, run: { name: label, count: taken, details: [], label: '' } }
      : { ...rest, ...(arrow ? { arrow } : {}) };
    maps.push({
      ...map,
      bypasses: map.bypasses.map((one) => ({ ...one, from: indices[one.from] ?? one.from })),
    });
    index += taken;
  }
  return { maps, indices };
}

/** Whether a map is only one arrow and its box. */
function isPlain(map: FeatureMap): boolean {
  return !map.join && !map.run && !map.isAside && map.copied === 0 && map.bypasses.length === 0;
}

/** Whether a map has the arrow and the shape of the first map of a run. */
function continues(first: FeatureMap, next: FeatureMap | undefined): boolean {
  return (
    next !== undefined &&
    isPlain(next) &&
    next.output === undefined &&
    next.arrow?.label === first.arrow?.label &&
    next.channels === first.channels &&
    mapSizeText(next.spatial) === mapSizeText(first.spatial)
  );
}
