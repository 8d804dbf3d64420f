import type { Span } from '../../diagnostics/span.js';
import { isOnePosition, sameAffine } from '../../ir/affine.js';
import type { Origin, ValueId } from '../../ir/graph.js';
import { useNotes } from '../../language/modules/library-diagnostics.js';
import type { Maybe } from '../context.js';
import { divisorHelp, type Layers } from '../layers.js';

/** The sum or the product of two maps, or maps concatenated along the channels. */
export function joinMaps(
  layers: Layers,
  kind: 'add' | 'mul' | 'concat',
  inputs: readonly Maybe[],
  origin: Origin,
): Maybe {
  const op = kind === 'add' ? '+' : kind === 'mul' ? '*' : 'concat';
  if (!fitTogether(layers, op, inputs, origin)) return undefined;
  // The map of one position, if there is one, comes second.
  const [first, ...rest] = inputs;
  const swap = kind !== 'concat' && first !== undefined && hasOnePosition(layers, first);
  return layers.elaboration.add(kind, swap ? [...rest, first] : inputs, {}, layers.path, origin);
}

/**
 * Attention of query, key and value, in this order.
 *
 * @param headsSpan where the number of heads is written
 */
export function attended(
  layers: Layers,
  maps: readonly Maybe[],
  heads: number,
  headsSpan: Span,
  origin: Origin,
): Maybe {
  const { elaboration } = layers;
  const [query] = maps;
  if (query === undefined || !fitTogether(layers, 'attention', maps, origin)) return undefined;
  const channels = elaboration.channels(query);
  if (channels % heads !== 0) {
    const args = { where: layers.path.text, channels, heads };
    const help = divisorHelp(channels, heads, 'heads');
    return elaboration.reporter.report('heads-not-divisible', headsSpan, args, {
      notes: useNotes(origin),
      help,
    });
  }
  return elaboration.add('attention', maps, { heads }, layers.path, origin);
}

function hasOnePosition(layers: Layers, map: ValueId): boolean {
  return isOnePosition(layers.elaboration.spatial(map));
}

/**
 * Whether maps can be joined. Their sizes must be equal, and except for `concat` their channels too. In a sum or a
 * product, one of the maps may have a single position.
 */
function fitTogether(layers: Layers, op: string, inputs: readonly Maybe[], origin: Origin): boolean {
  const { elaboration } = layers;
  const [first, ...rest] = inputs;
  for (const other of rest) {
    if (first === undefined || other === undefined) return false;
    const [left, right] = [elaboration.channels(first), elaboration.channels(other)];
    if (op !== 'concat' && left !== right) {
      const notes = useNotes(origin);
      elaboration.reporter.report('channels-not-equal', origin.span, { op, left, right }, { notes });
      return false;
    }
    const spreads = op === '+' || op === '*';
    if (spreads && (hasOnePosition(layers, first) || hasOnePosition(layers, other))) continue;
    for (const [axis, size] of elaboration.spatial(first).entries()) {
      const otherSize = elaboration.spatial(other)[axis];
      if (!otherSize || sameAffine(size, otherSize)) continue;
      elaboration.reporter.report(
        'sizes-not-equal',
        origin.span,
        {
          op,
          axis: elaboration.axisName(axis),
          left: elaboration.sizeText(size, axis),
          right: elaboration.sizeText(otherSize, axis),
        },
        {
          notes: useNotes(origin),
          help:
            hasOnePosition(layers, first) || hasOnePosition(layers, other)
              ? 'join a map of one position with `+` or `*`, which apply it to every position'
              : '`-> crop_like(x)` crops a map to the size of x',
        },
      );
      return false;
    }
  }
  return true;
}
