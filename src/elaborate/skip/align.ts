import { constantDifference } from '../../ir/affine.js';
import type { ValueId } from '../../ir/graph.js';
import type { SkipSetting } from '../../semantics/attributes.js';
import { originText } from '../../semantics/network-spec.js';
import type { Note } from '../../source/diagnostic.js';
import type { Maybe } from '../context.js';
import type { SkipRequest } from './skip-mode.js';

/** The two maps of a level, of equal size. */
export interface Aligned {
  readonly skip: ValueId;
  readonly up: ValueId;
}

/**
 * Makes the encoder's map and the one from below equal in size. Their difference is a constant of the
 * network, so the crop is too: it does not depend on the input. Marks the stage `skip[l]` and its crop.
 */
export function align(request: SkipRequest<SkipSetting['kind']>): Aligned | undefined {
  const differences = differencesOf(request);
  if (!differences) return undefined;
  const { skipLayers, decoderLayers, level, origin, crop } = request;
  const { elaboration } = skipLayers;
  const half = (values: readonly number[]) => values.map((value) => Math.floor(value / 2));
  const rest = (values: readonly number[]) => values.map((value) => value - Math.floor(value / 2));
  // 0 - 0 is 0, and -0 would print as such.
  const minus = (values: readonly number[]) => values.map((value) => 0 - value);
  const larger = differences.map((difference) => Math.max(0, difference));
  const smaller = differences.map((difference) => Math.max(0, -difference));
  let skip: Maybe = request.skip;
  let up: Maybe = request.up;
  const change = (kind: 'crop' | 'pad', value: Maybe, amounts: readonly number[], onSkip: boolean): Maybe => {
    if (amounts.every((amount) => amount === 0)) return value;
    const borders = { before: half(amounts), after: rest(amounts) };
    const { path } = onSkip ? skipLayers : decoderLayers;
    return kind === 'crop'
      ? elaboration.add('crop', [value], borders, path, origin)
      : elaboration.add('pad', [value], { mode: 'zero', ...borders }, path, origin);
  };
  const zeros = differences.map(() => 0);
  let taken = { before: zeros, after: zeros };
  switch (crop.kind) {
    case 'center':
      skip = change('crop', skip, larger, true);
      taken = { before: half(larger), after: rest(larger) };
      break;
    case 'pad_up':
      up = change('pad', up, larger, false);
      skip = change('pad', skip, smaller, true);
      taken = { before: minus(half(smaller)), after: minus(rest(smaller)) };
      break;
    case 'error':
      break;
    default:
      return crop satisfies never;
  }
  if (skip === undefined || up === undefined) return undefined;
  elaboration.builder.stage(`skip[${level.level}]`, skip);
  elaboration.builder.crop({ level: level.level, ...taken });
  return { skip, up };
}

/** Skip minus up for each axis, after checking that the level's `crop` can make them equal. */
function differencesOf(request: SkipRequest<SkipSetting['kind']>): readonly number[] | undefined {
  const { level, crop } = request;
  const { elaboration } = request.skipLayers;
  const { reporter } = elaboration;
  const differences: number[] = [];
  for (const [axisIndex, size] of elaboration.spatial(request.skip).entries()) {
    const below = elaboration.spatial(request.up)[axisIndex] ?? size;
    const axis = elaboration.axisName(axisIndex);
    const texts = [elaboration.sizeText(size, axisIndex), elaboration.sizeText(below, axisIndex)] as const;
    const notes: Note[] = [
      {
        message: `encoder[${level.level}] has ${axis} = ${texts[0]}; ${originText(level.pool, 'pool')}`,
        span: level.pool.span,
      },
      {
        message: `up[${level.level}] has ${axis} = ${texts[1]}; ${originText(level.up, 'up')}`,
        span: level.up.span,
      },
    ];
    if (level.crop.origin !== 'default') {
      notes.push({ message: originText(level.crop, 'crop'), span: level.crop.span });
    }
    // The written line that has a say in it, where there is one.
    const written = [level.skip, level.crop, level.up, level.pool].find((one) => one.origin !== 'default');
    const place = written?.span ?? request.origin.span;
    const difference = constantDifference(size, below);
    if (!difference) {
      return reporter.report(
        'skip-size-varies',
        place,
        { level: level.level, axis, encoder: texts[0], decoder: texts[1] },
        { notes, help: `\`up\` must enlarge by what \`pool\` reduces at level ${level.level}` },
      );
    }
    const { numerator, denominator } = difference;
    const text = denominator === 1 ? String(Math.abs(numerator)) : `${Math.abs(numerator)}/${denominator}`;
    const args = { level: level.level, axis, difference: text };
    const whole = denominator === 1;
    if (crop.kind === 'error' && numerator !== 0) {
      return reporter.report('skip-not-equal', place, args, {
        notes,
        help:
          numerator > 0 && numerator % 2 === 0 && whole
            ? '`crop = center` crops the skip'
            : '`crop = pad_up` pads the smaller of the two with zeros',
      });
    }
    if (crop.kind === 'center' && numerator < 0) {
      return reporter.report('skip-smaller', place, args, {
        notes,
        help: '`crop = pad_up` pads the smaller of the two with zeros',
      });
    }
    if (!whole || (crop.kind === 'center' && numerator % 2 !== 0)) {
      return reporter.report('odd-crop', place, args, {
        notes,
        help: 'kernels of odd size lose an even number; `crop = pad_up` pads the smaller map instead',
      });
    }
    differences.push(numerator);
  }
  return differences;
}
