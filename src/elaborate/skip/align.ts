import type { Note } from '../../diagnostics/diagnostic.js';
import { constantDifference } from '../../ir/affine.js';
import type { ValueId } from '../../ir/graph.js';
import { StagePath } from '../../ir/stage-path.js';
import { originText } from '../../language/resolve/network-spec.js';
import type { SkipSetting } from '../../language/schema/attributes.js';
import type { Maybe } from '../context.js';
import type { Layers } from '../layers.js';
import type { SkipRequest } from './skip-mode.js';

/** The two maps of a level, of equal size. */
export interface Aligned {
  readonly skip: ValueId;
  readonly up: ValueId;
}

/** The maps of a dense level, the encoder's map first, and the map from below, all of equal size. */
export interface AllAligned {
  readonly maps: readonly ValueId[];
  readonly up: ValueId;
}

type Request = SkipRequest<SkipSetting['kind']>;
type Border = 'zero' | 'replicate';

/** Makes the encoder's map and the map from below equal in size: see alignAll. */
export function align(request: Request): Aligned | undefined {
  const aligned = alignAll({ ...request, earlier: [] });
  const [skip] = aligned?.maps ?? [];
  return aligned && skip !== undefined ? { skip, up: aligned.up } : undefined;
}

/**
 * Makes the maps of a level and the map from below equal in size. The differences of their sizes are constants of the
 * network, so the crops do not depend on the input. Marks the stage `skip[l]` and its crop.
 */
export function alignAll(request: Request): AllAligned | undefined {
  const { skipLayers, decoderLayers, level, origin, crop, earlier, last } = request;
  const { elaboration } = skipLayers;
  const named = [
    { map: request.skip, stage: request.skipStage },
    ...earlier.map(({ column, value }) => ({
      map: value,
      stage: StagePath.of('node', level.level, column),
    })),
  ];
  const differences = named.map(({ map, stage }) => differencesOf(request, map, stage));
  const known = differences.filter((difference) => difference !== undefined);
  if (known.length < differences.length) return undefined;
  // If maps are padded, each of them becomes as large as the largest.
  const largest = (known[0] ?? []).map((_, axis) => Math.max(0, ...known.map((sizes) => sizes[axis] ?? 0)));
  const border = borderOf(crop.kind);
  const amountsOf = (sizes: readonly number[]) =>
    border ? sizes.map((size, axis) => size - (largest[axis] ?? 0)) : sizes;
  const maps = named.map(({ map }, i) =>
    crop.kind === 'resize'
      ? interpolated(skipLayers, map, known[i] ?? [], origin)
      : resized(skipLayers, map, amountsOf(known[i] ?? []), border, origin),
  );
  const up = border
    ? resized(
        decoderLayers,
        request.up,
        largest.map((size) => 0 - size),
        border,
        origin,
      )
    : request.up;
  const sized = maps.filter((map) => map !== undefined);
  const [skip] = sized;
  if (skip === undefined || sized.length < maps.length || up === undefined) return undefined;
  elaboration.builder.stage(skipLayers.path, skip);
  const taken = (known[0] ?? []).map((_, axis) =>
    crop.kind === 'resize' ? 0 : (amountsOf(known[0] ?? [])[axis] ?? 0),
  );
  if (last) elaboration.builder.crop({ level: level.level, before: half(taken), after: rest(taken) });
  return { maps: sized, up };
}

/** The values that pad the smaller map; undefined if the level does not pad. */
function borderOf(crop: Request['crop']['kind']): Border | undefined {
  switch (crop) {
    case 'pad_up':
      return 'zero';
    case 'pad_replicate':
      return 'replicate';
    case 'center':
    case 'resize':
    case 'error':
      return undefined;
    default:
      return crop satisfies never;
  }
}

/** Half of each amount, rounded towards zero, and the rest. Positive amounts are cropped. */
const half = (amounts: readonly number[]) => amounts.map((amount) => Math.trunc(amount / 2) + 0);
const rest = (amounts: readonly number[]) => amounts.map((amount) => amount - Math.trunc(amount / 2));

/** Interpolates a map linearly to a size that is smaller by these differences. */
function interpolated(
  { elaboration, path }: Layers,
  map: ValueId,
  differences: readonly number[],
  origin: Request['origin'],
): Maybe {
  if (differences.every((difference) => difference === 0)) return map;
  const change = differences.map((difference) => 0 - difference);
  return elaboration.add('interpolate', [map], { change }, path, origin);
}

/** Crops a map by positive amounts and pads it by negative ones: evenly along each axis, an odd position at the end. */
function resized(
  layers: Layers,
  map: ValueId,
  amounts: readonly number[],
  border: Border | undefined,
  origin: Request['origin'],
): Maybe {
  const { elaboration, path } = layers;
  const [cut, added] = [
    amounts.map((amount) => Math.max(0, amount)),
    amounts.map((amount) => Math.max(0, -amount)),
  ];
  let value: Maybe = map;
  if (cut.some((amount) => amount > 0)) {
    value = elaboration.add('crop', [value], { before: half(cut), after: rest(cut) }, path, origin);
  }
  if (added.some((amount) => amount > 0)) {
    const borders = { mode: border ?? 'zero', before: half(added), after: rest(added) } as const;
    value = elaboration.add('pad', [value], borders, path, origin);
  }
  return value;
}

/** The size of a map minus the size of the map from below, for each axis, if the level's `crop` can make them equal. */
function differencesOf(request: Request, map: ValueId, stage: StagePath): readonly number[] | undefined {
  const { level, crop } = request;
  const { elaboration } = request.skipLayers;
  const { reporter } = elaboration;
  const differences: number[] = [];
  for (const [axisIndex, size] of elaboration.spatial(map).entries()) {
    const below = elaboration.spatial(request.up)[axisIndex] ?? size;
    const axis = elaboration.axisName(axisIndex);
    const texts = [elaboration.sizeText(size, axisIndex), elaboration.sizeText(below, axisIndex)] as const;
    const notes: Note[] = [
      {
        message: `${stage} has ${axis} = ${texts[0]}; ${originText(level.pool, 'pool')}`,
        span: level.pool.span,
      },
      {
        message: `${request.upStage} has ${axis} = ${texts[1]}; ${originText(level.up, 'up')}`,
        span: level.up.span,
      },
    ];
    if (level.crop.origin !== 'default') {
      notes.push({ message: originText(level.crop, 'crop'), span: level.crop.span });
    }
    // The first of the settings involved that a user wrote.
    const written = [level.skip, level.crop, level.up, level.pool].find((one) => one.origin !== 'default');
    const place = written?.span ?? request.origin.span;
    const difference = constantDifference(size, below);
    if (!difference) {
      return reporter.report(
        'skip-size-varies',
        place,
        { level: level.level, up: request.upStage.text, axis, encoder: texts[0], decoder: texts[1] },
        {
          notes,
          help: `at level ${level.level}, \`up\` must enlarge by the factor by which \`pool\` reduces`,
        },
      );
    }
    const { numerator, denominator } = difference;
    const text = denominator === 1 ? String(Math.abs(numerator)) : `${Math.abs(numerator)}/${denominator}`;
    const args = { skip: request.skipLayers.path.text, up: request.upStage.text, axis, difference: text };
    const whole = denominator === 1;
    if (crop.kind === 'error' && numerator !== 0) {
      return reporter.report('skip-not-equal', place, args, {
        notes,
        help:
          numerator > 0 && numerator % 2 === 0 && whole
            ? '`crop = center` crops the skip'
            : '`crop = pad_up` pads the smaller map with zeros',
      });
    }
    if (crop.kind === 'center' && numerator < 0) {
      return reporter.report('skip-smaller', place, args, {
        notes,
        help: '`crop = pad_up` pads the smaller map with zeros',
      });
    }
    if (!whole || (crop.kind === 'center' && numerator % 2 !== 0)) {
      return reporter.report('odd-crop', place, args, {
        notes,
        help: 'convs with kernels of odd size reduce a map by an even number; `crop = pad_up` pads the smaller map instead',
      });
    }
    differences.push(numerator);
  }
  return differences;
}
