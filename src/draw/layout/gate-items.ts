import { gateCaption } from '../captions.js';
import type { Gate } from '../picture.js';
import { fontSizes } from '../svg/text-metrics.js';
import { ownCentre, type Slot } from './row-layout.js';
import { JOIN_RADIUS, type Point, type SceneItem } from './scene.js';
import type { PlacedLevel } from './u-layout.js';

/** What stands around a gate. */
export interface GatePlace {
  /** Where the way up leaves the level below, and ends in this one. */
  readonly exit: { readonly at: Point; readonly sideways: boolean; readonly slot: Slot };
  readonly entry: Point;
  readonly target: Slot;
  readonly level: PlacedLevel;
  readonly below: PlacedLevel;
}

/** A line beside an arrow is this far from it, where the box is wide enough for both. */
const BESIDE = 9;
const NARROWEST = 4 * BESIDE;

/** A gate on a skip with its caption, and the signal that steers it. */
export function gateItems(gate: Gate, [x, y]: Point, place: GatePlace): readonly SceneItem[] {
  const lines = gateCaption(gate);
  const texts = lines.map((text, index): SceneItem => {
    const at: Point = [x - JOIN_RADIUS - 4, y + 15 + index * (fontSizes.size + 3)];
    return { kind: 'text', at, text, style: 'size', anchor: 'end', rotated: false };
  });
  const points = [...signalStart(gate, place), [x, turnOf(place)], [x, y + JOIN_RADIUS + 1]] as const;
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

/** The signal runs just over the arrows between the two rows. */
function turnOf({ below }: GatePlace): number {
  return below.turn - 4;
}

/** From the map below or from the one that came up; from the arrow between them where a box is too narrow for both. */
function signalStart({ signal }: Gate, place: GatePlace): readonly [Point, Point] | readonly [Point] {
  const { exit, entry, target, level } = place;
  const turn = turnOf(place);
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
