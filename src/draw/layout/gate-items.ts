import { gateCaption } from '../captions.js';
import type { Gate } from '../picture.js';
import { fontSizes } from '../svg/text-metrics.js';
import { ownCentre, type Slot } from './row-layout.js';
import { JOIN_RADIUS, type Point, type SceneItem } from './scene.js';
import type { PlacedLevel } from './u-layout.js';

/** The surroundings of a gate: the two levels that its signal can come from, and their arrows. */
export interface GateContext {
  /** Where the up arrow leaves the level below, and where it ends in this level. */
  readonly exit: { readonly at: Point; readonly sideways: boolean; readonly slot: Slot };
  readonly entry: Point;
  readonly target: Slot;
  readonly level: PlacedLevel;
  readonly below: PlacedLevel;
}

/** The distance between an arrow and a line beside it, if the box is wide enough for both. */
const BESIDE = 9;
const NARROWEST = 4 * BESIDE;

/** A gate on a skip with its caption, and its signal. */
export function gateItems(gate: Gate, [x, y]: Point, context: GateContext): readonly SceneItem[] {
  const lines = gateCaption(gate);
  const texts = lines.map((text, index): SceneItem => {
    const at: Point = [x - JOIN_RADIUS - 4, y + 15 + index * (fontSizes.size + 3)];
    return { kind: 'text', at, text, style: 'size', anchor: 'end', rotated: false };
  });
  const points = [...signalStart(gate, context), [x, turnOf(context)], [x, y + JOIN_RADIUS + 1]] as const;
  return [
    ...texts,
    { kind: 'join', at: [x, y], join: gate.kind, isGate: true, tip: [...lines, gate.label].join(', ') },
    {
      kind: 'line',
      points,
      style: { family: 'signal', variant: 0 },
      head: true,
      thin: true,
      tip: 'gating signal',
    },
  ];
}

/** The y of the signal: just above the turns of the arrows between the two rows. */
function turnOf({ below }: GateContext): number {
  return below.turn - 4;
}

/**
 * The signal starts at the map below or at the map that was upsampled from it. If that box is too narrow, it starts at
 * the arrow between them.
 */
function signalStart({ signal }: Gate, context: GateContext): readonly [Point, Point] | readonly [Point] {
  const { exit, entry, target, level } = context;
  const turn = turnOf(context);
  const widthOf = ({ seam, right }: Slot) => right - seam;
  if (signal === 'up' && target.joinX === undefined && widthOf(target) >= NARROWEST) {
    const x = level.decoder.x + ownCentre(target) - BESIDE;
    return [
      [x, level.y + target.height / 2 + 1],
      [x, turn],
    ];
  }
  if (signal === 'below' && !exit.sideways && widthOf(exit.slot) >= NARROWEST) {
    const x = exit.at[0] - BESIDE;
    return [
      [x, exit.at[1]],
      [x, turn],
    ];
  }
  return [[entry[0], turn]];
}
