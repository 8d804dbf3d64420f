import { sameAffine } from '../../ir/affine.js';
import type { ValueId } from '../../ir/graph.js';
import { originText } from '../../language/resolve/network-spec.js';
import type { Maybe } from '../context.js';
import type { Layers } from '../layers.js';
import { poolStride } from '../pool-stride.js';
import { align } from './align.js';
import { concatMaps } from './concat.js';
import type { SkipMode, SkipRequest } from './skip-mode.js';

type Request = SkipRequest<'attention'>;

/**
 * Weights the positions of the skip before the concatenation (Oktay et al. 2018, arXiv:1804.03999, section 2.1). The
 * gate computes one coefficient in 0..1 for each position, from the skip and a gating signal. The skip is first cropped
 * to the size of the map from below, so that all sizes in the gate follow from it, also with valid padding.
 *
 * - `grid`: the gating signal is the map below, before it comes up. A conv with the kernel and the stride of the
 *   pooling reduces the skip to its size. Interpolation enlarges the coefficients again.
 * - `additive`: the gating signal is the map that came up, so nothing is resized.
 */
export const joinAttention: SkipMode<'attention'>['join'] = (request) => {
  const aligned = align(request);
  if (!aligned) return undefined;
  const { setting } = request;
  const signal = signalOf(request, setting.gate.kind === 'grid' ? request.below : aligned.up);
  const gates = Array.from({ length: setting.gates }, () => gated(request, aligned.skip, signal));
  const skip = (setting.combine ?? gates.length > 1) ? combined(request, gates) : gates[0];
  return skip === undefined ? undefined : concatMaps(request, setting.order.kind, [skip], aligned.up);
};

/** The skip after one gate: its positions weighted and, if set so, transformed. */
function gated(request: Request, skip: ValueId, signal: Maybe): Maybe {
  const { setting, skipLayers, origin } = request;
  const { elaboration } = skipLayers;
  const channels = elaboration.channels(skip);
  const grid = setting.gate.kind === 'grid';
  const between = setting.channels ?? (grid ? channels : Math.max(1, Math.floor(channels / 2)));
  const factors = poolStride(request.level);
  const one = factors.map(() => 1);
  const kernel = grid ? factors : one;
  const reduce = { kernel, stride: kernel, channels: between, bias: !grid, padding: 'valid' } as const;
  const reduced = skipLayers.conv(skip, reduce, origin);
  const projected = pointwise(skipLayers, signal, between, origin);
  if (grid && !sameSizes(request, reduced, projected)) return undefined;
  const terms = grid ? [reduced, projected] : [normed(request, reduced), normed(request, projected)];
  const sum = elaboration.add('add', terms, {}, skipLayers.path, origin);
  const active = elaboration.add('relu', [sum], {}, skipLayers.path, origin);
  const logit = pointwise(skipLayers, active, 1, origin);
  const scored = grid ? logit : normed(request, logit);
  const coefficients = elaboration.add('sigmoid', [scored], {}, skipLayers.path, origin);
  const enlarge = { mode: 'linear', factor: factors, alignCorners: false } as const;
  const weights = grid
    ? elaboration.add('resize', [coefficients], enlarge, skipLayers.path, origin)
    : coefficients;
  const weighed = elaboration.add('mul', [skip, weights], {}, skipLayers.path, origin);
  if (!(setting.output ?? grid)) return weighed;
  return normed(request, pointwise(skipLayers, weighed, channels, origin));
}

/** The gating signal: the map itself, or the map after a 1x1 conv to the same channels, a norm and a ReLU. */
function signalOf(request: Request, map: ValueId): Maybe {
  const { setting, skipLayers, origin } = request;
  if (setting.signal.kind === 'below') return map;
  const { elaboration } = skipLayers;
  const projected = normed(request, pointwise(skipLayers, map, elaboration.channels(map), origin));
  return elaboration.add('relu', [projected], {}, skipLayers.path, origin);
}

/** Concatenates the gates, and reduces them to the channels of the skip. */
function combined(request: Request, gates: readonly Maybe[]): Maybe {
  const { skipLayers, skip, origin } = request;
  const { elaboration } = skipLayers;
  const [first] = gates;
  const joined = gates.length === 1 ? first : elaboration.add('concat', gates, {}, skipLayers.path, origin);
  const reduced = normed(request, pointwise(skipLayers, joined, elaboration.channels(skip), origin));
  return elaboration.add('relu', [reduced], {}, skipLayers.path, origin);
}

function pointwise(layers: Layers, input: Maybe, channels: number, origin: Request['origin']): Maybe {
  const kernel = Array.from({ length: layers.elaboration.builder.rank }, () => 1);
  return layers.conv(input, { kernel, channels, bias: true, padding: 'valid' }, origin);
}

/** Applies the norm of the gate, or else the norm of the level. */
function normed({ setting, level, skipLayers, origin }: Request, input: Maybe): Maybe {
  const norm = setting.norm === undefined ? level.norm : { value: setting.norm, span: origin.span };
  return skipLayers.norm(input, norm, origin);
}

/** Whether the reduced skip has the size of the map below: it has if `up` enlarges by exactly what `pool` reduces. */
function sameSizes(request: Request, skip: Maybe, signal: Maybe): boolean {
  if (skip === undefined || signal === undefined) return false;
  const { skipLayers, level, origin } = request;
  const { elaboration } = skipLayers;
  for (const [axis, size] of elaboration.spatial(skip).entries()) {
    const other = elaboration.spatial(signal)[axis] ?? size;
    if (sameAffine(size, other)) continue;
    elaboration.reporter.report(
      'sizes-not-equal',
      origin.span,
      {
        op: `the gate of skip[${level.level}]`,
        axis: elaboration.axisName(axis),
        left: elaboration.sizeText(size, axis),
        right: elaboration.sizeText(other, axis),
      },
      {
        notes: [{ message: originText(level.up, 'up'), span: level.up.span }],
        help: '`gate: additive` takes the map after `up`, which always has the right size',
      },
    );
    return false;
  }
  return true;
}
