import { cropText } from '../captions.js';
import { type FeatureMap, mapSizeText, type UPicture as Picture, type PictureSkip } from '../picture.js';
import type { Arrow } from '../picture-parts.js';
import { fitText, type TextClass, textWidth } from '../svg/text-metrics.js';
import { baselineOf, collapsedLines } from './collapsed-run-text.js';
import { feedItems } from './feed-items.js';
import { gateItems } from './gate-items.js';
import { IDENTITY_ARROW, type Legend } from './legend.js';
import { LABEL_GAP, ownCentre, SIZE_CLEARANCE, SIZE_GAP, type Slot } from './row-layout.js';
import { JOIN_RADIUS, type Point, type SceneItem } from './scene.js';
import { GATE_SPACE, type PlacedLevel, type PlacedRow, passesOver, TRACK_PITCH } from './u-layout.js';

/** Boxes, arrows and texts of the network, without the legend and the title. */
export class NetworkComposer {
  private readonly items: SceneItem[] = [];

  constructor(
    private readonly picture: Picture,
    private readonly levels: readonly PlacedLevel[],
    private readonly legend: Legend,
  ) {}

  network(): readonly SceneItem[] {
    for (const [index, level] of this.levels.entries()) {
      for (const row of [level.encoder, level.decoder]) {
        for (const [position, slot] of row.layout.slots.entries()) this.slot(level, row, slot, position);
      }
      this.between(index);
    }
    for (const skip of this.picture.skips) this.skip(skip);
    this.items.push(...feedItems(this.picture, this.levels, this.legend));
    const [top] = this.levels;
    const first = top?.encoder.layout.slots[0];
    if (top && first) {
      const x = top.encoder.x + first.left;
      this.line(
        [
          [x - 40, top.y],
          [x - 3, top.y],
        ],
        undefined,
        'input',
      );
      this.text([x - 46, top.y + 4], 'input', 'note', 'end');
    }
    return this.items;
  }

  private text(at: Point, text: string, style: TextClass, anchor: 'start' | 'middle' | 'end'): void {
    this.items.push({ kind: 'text', at, text, style, anchor, rotated: false });
  }

  private line(
    points: readonly Point[],
    arrow: Arrow | undefined,
    tip: string,
    thin = arrow === undefined,
  ): void {
    // A line without an op only passes a value on.
    const style = arrow ? this.legend.styleOf(arrow) : ({ family: 'plain', variant: 0 } as const);
    this.items.push({ kind: 'line', points, style, head: true, thin, tip });
  }

  private slot({ y, trackBase }: PlacedLevel, row: PlacedRow, slot: Slot, position: number): void {
    const { map, height } = slot;
    const [left, seam, right] = [row.x + slot.left, row.x + slot.seam, row.x + slot.right];
    const [top, bottom] = [y - height / 2, y + height / 2];
    const shape = [map.channels, mapSizeText(map.spatial)].join(' x ');
    const own = map.copied > 0 ? [`${map.channels - map.copied} channels from below`] : [];
    const made = map.run?.label ?? map.arrow?.label;
    const tip = [`${map.path}: ${shape}`, ...own, ...(made === undefined ? [] : [made])].join(', ');
    if (seam > left) {
      const copied = [map.copied, mapSizeText(map.spatial)].join(' x ');
      const bounds = { left, top, right: seam, bottom };
      this.items.push({
        kind: 'box',
        bounds,
        look: 'copied',
        tip: `skip: ${copied}, joined into ${map.path}`,
      });
    }
    const look = map.run ? 'blocks' : map.trainingOnly ? 'training' : 'map';
    this.items.push({ kind: 'box', bounds: { left: seam, top, right, bottom }, look, tip });
    const lines = map.run ? collapsedLines(map.run) : [];
    for (const [index, { text, style }] of lines.entries())
      this.text([(seam + right) / 2, baselineOf(index, lines.length, y)], text, style, 'middle');

    const aside = ownCentre(slot) + row.x;
    const labelY = top - LABEL_GAP;
    const channels = String(map.channels);
    if (slot.label === 'left') this.text([aside - 8, labelY], channels, 'channels', 'end');
    else if (slot.label === 'right') this.text([aside + 8, labelY], channels, 'channels', 'start');
    else this.text([(left + right) / 2, labelY], channels, 'channels', 'middle');

    if (slot.size !== '') {
      const start = Math.max(bottom, y + SIZE_CLEARANCE + textWidth(slot.size, 'size'));
      this.items.push({
        kind: 'text',
        at: [left - SIZE_GAP, start],
        text: slot.size,
        style: 'size',
        anchor: 'start',
        rotated: true,
      });
    }
    if (map.output !== undefined) {
      this.text([right + 10, y + 4], fitText(map.output, 'note', 160), 'note', 'start');
    }
    this.arrowInto(y, row, slot, row.layout.slots[position - 1]);
    this.bypasses(y, trackBase, row, slot, position);
  }

  /** The arrow within the row, and the join at its end. */
  private arrowInto(y: number, row: PlacedRow, slot: Slot, before: Slot | undefined): void {
    const { map } = slot;
    const end = row.x + slot.left - 2;
    if (slot.joinX !== undefined && map.join) {
      const x = row.x + slot.joinX;
      this.items.push({ kind: 'join', at: [x, y], join: map.join.kind, isGate: false, tip: map.join.label });
      this.line(
        [
          [x + JOIN_RADIUS, y],
          [end, y],
        ],
        undefined,
        map.join.label,
      );
      if (!before) return;
      const points: readonly Point[] = [
        [row.x + before.right + 1, y],
        [x - JOIN_RADIUS - 1, y],
      ];
      this.line(points, map.arrow, map.arrow?.label ?? '');
    } else if (before) {
      this.line(
        [
          [row.x + before.right + 1, y],
          [end, y],
        ],
        map.arrow,
        map.arrow?.label ?? '',
      );
    }
  }

  private bypasses(y: number, trackBase: number, row: PlacedRow, slot: Slot, position: number): void {
    for (const [index, { from, arrow }] of slot.map.bypasses.entries()) {
      const source = row.layout.slots[from];
      const track = row.layout.tracks[position]?.[index] ?? 0;
      if (!source || slot.joinX === undefined) continue;
      const over = trackBase - track * TRACK_PITCH;
      const [start, end] = [row.x + source.departure, row.x + slot.joinX];
      const points: readonly Point[] = [
        [start, y],
        [start, over],
        [end, over],
        [end, y - JOIN_RADIUS - 1],
      ];
      this.line(points, arrow ?? IDENTITY_ARROW, arrow?.label ?? IDENTITY_ARROW.label, true);
    }
  }

  /** The arrows between a level and the one above: down on the encoder's side, up on the decoder's. */
  private between(index: number): void {
    const above = this.levels[index - 1];
    const level = this.levels[index];
    if (!above || !level) return;
    const first = level.encoder.layout.slots[0];
    const last = above.encoder.layout.slots.at(-1);
    if (first && last) {
      const start: Point = [above.encoder.x + ownCentre(last), above.y + last.height / 2 + 1];
      const end: Point = [level.encoder.x + ownCentre(first), level.y - first.height / 2 - 2];
      this.elbow(start, end, level.turn, first.map);
    }
    const from = this.upExit(index);
    const [target, goal] = this.upEntry(index - 1) ?? [];
    if (!from || !target || !goal) return;
    if (from.sideways) {
      const [x, y] = from.at;
      const points: readonly Point[] = [[x, y], [goal[0], y], goal];
      this.line(points, target.arrow, target.arrow?.label ?? '');
    } else this.elbow(from.at, goal, level.turn, target);
  }

  /** Where the up arrow leaves a level, and whether it leaves to the right. */
  private upExit(
    index: number,
  ): { readonly at: Point; readonly sideways: boolean; readonly slot: Slot } | undefined {
    const level = this.levels[index];
    if (!level) return undefined;
    const row = level.decoder.layout.slots.length > 0 ? level.decoder : level.encoder;
    const slot = row.layout.slots[row.exit];
    if (!slot) return undefined;
    const sideways = row === level.encoder && row.exit === 0;
    const at: Point = sideways
      ? [row.x + slot.right + 1, level.y]
      : [row.x + ownCentre(slot), level.y - slot.height / 2 - 1];
    return { at, sideways, slot };
  }

  /** The map of a level that the up arrow ends at, and the arrow's end. */
  private upEntry(index: number): readonly [FeatureMap, Point] | undefined {
    const level = this.levels[index];
    const slot = level?.decoder.layout.slots[0];
    if (!level || !slot) return undefined;
    const joined = slot.joinX !== undefined;
    const x = level.decoder.x + (slot.joinX ?? ownCentre(slot));
    return [slot.map, [x, level.y + (joined ? JOIN_RADIUS + 1 : slot.height / 2 + 2)]];
  }

  private elbow(start: Point, end: Point, turn: number, map: FeatureMap): void {
    const straight = Math.abs(start[0] - end[0]) < 0.5;
    const points = straight ? [start, end] : [start, [start[0], turn] as const, [end[0], turn] as const, end];
    this.line(points, map.arrow, map.arrow?.label ?? '');
  }

  private skip(skip: PictureSkip): void {
    const level = this.levels[skip.level];
    const source = level?.encoder.layout.slots[skip.from];
    const target = level?.decoder.layout.slots[skip.to];
    if (!level || !source || !target) return;
    const { y } = level;
    this.cropMarks(level, source, target, skip);
    const startX = level.encoder.x + source.right;
    const endX =
      level.decoder.x + (target.joinX === undefined ? target.left - 2 : target.joinX - JOIN_RADIUS - 1);
    const maps = this.picture.levels[skip.level]?.encoder ?? [];
    const freeLeft = level.encoder.x + level.encoder.layout.right;
    const freeRight = level.decoder.x + level.decoder.layout.left;
    const points = passesOver(skip, maps) ? this.overHeads(level, skip, source, target) : undefined;
    const straight: readonly Point[] = [
      [startX + 1, y],
      [endX, y],
    ];
    this.line(points ?? straight, skip.arrow, skip.arrow.label);
    const gateX = freeRight - GATE_SPACE / 2;
    const text = cropText(skip);
    if (text !== '') {
      const middle = (freeLeft + (skip.gate ? gateX - JOIN_RADIUS - 4 : freeRight)) / 2;
      // Below the track if the line runs above the row, otherwise above the line.
      const track = skip.to > 0 ? points?.[2]?.[1] : undefined;
      this.text([middle, track === undefined ? y - 8 : track + 14], text, 'size', 'middle');
    }
    if (!skip.gate) return;
    const exit = this.upExit(skip.level + 1);
    const entry = this.upEntry(skip.level)?.[1];
    const below = this.levels[skip.level + 1];
    if (exit && entry && below)
      this.items.push(...gateItems(skip.gate, [gateX, y], { exit, entry, target, level, below }));
  }

  /** The points of a skip that passes other maps, on a track above the labels of the row. */
  private overHeads(level: PlacedLevel, skip: PictureSkip, source: Slot, target: Slot): readonly Point[] {
    const maps = this.picture.levels[skip.level]?.encoder ?? [];
    const routed = this.picture.skips.filter(
      (other) => other.level === skip.level && passesOver(other, maps),
    );
    const { encoder, decoder, y, skipTracks } = level;
    const over = skipTracks[routed.indexOf(skip)] ?? y;
    const start = encoder.x + source.departure;
    const targetX = decoder.x + (target.joinX ?? target.left);
    const clear = encoder.x + encoder.layout.right + 10;
    const points: Point[] = [
      [encoder.x + source.right + 1, y],
      [start, y],
      [start, over],
    ];
    if (skip.to > 0) return [...points, [targetX, over], [targetX, y - JOIN_RADIUS - 1]];
    const end = target.joinX === undefined ? targetX - 2 : targetX - JOIN_RADIUS - 1;
    return [...points, [clear, over], [clear, y], [end, y]];
  }

  /** Dashed lines around the kept part of the source, as in the U-Net paper. */
  private cropMarks({ encoder, y }: PlacedLevel, source: Slot, target: Slot, skip: PictureSkip): void {
    if (![...skip.before, ...skip.after].some((end) => end > 0)) return;
    const half = target.height / 2;
    if (half >= source.height / 2 - 1) return;
    const [left, right] = [encoder.x + source.left, encoder.x + source.right];
    for (const at of [y - half, y + half]) {
      this.items.push({
        kind: 'crop-mark',
        points: [
          [left, at],
          [right, at],
        ],
      });
    }
  }
}
