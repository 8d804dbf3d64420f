import type { Feed, UPicture } from '../picture.js';
import type { Legend } from './legend.js';
import { JOIN_RADIUS, type SceneItem } from './scene.js';
import type { PlacedLevel } from './u-layout.js';

/**
 * The lines from heads of deeper levels into the joins of the output: each runs right to a shared line, which runs up.
 */
export function feedItems(
  { levels, feeds }: UPicture,
  placed: readonly PlacedLevel[],
  legend: Legend,
): readonly SceneItem[] {
  const items: SceneItem[] = [];
  const lowest = new Map<number, number>();
  for (const feed of feeds) {
    const start = startOf(feed, placed, levels.length - 1);
    const x = joinOf(feed, placed);
    if (!start || x === undefined) continue;
    const points = [start, [x, start[1]]] as const;
    const { label } = feed.arrow;
    items.push({
      kind: 'line',
      points,
      style: legend.styleOf(feed.arrow),
      head: true,
      thin: true,
      tip: label,
    });
    lowest.set(x, Math.max(lowest.get(x) ?? start[1], start[1]));
  }
  const top = placed[feeds[0]?.to.level ?? 0]?.y ?? 0;
  for (const [x, y] of lowest) {
    const points = [
      [x, y],
      [x, top + JOIN_RADIUS + 1],
    ] as const;
    const style = { family: 'plain', variant: 0 } as const;
    items.push({ kind: 'line', points, style, head: true, thin: true, tip: 'fused into the output' });
  }
  return items;
}

function startOf({ from }: Feed, placed: readonly PlacedLevel[], bottom: number) {
  const level = placed[from.level];
  const row = from.level === bottom ? level?.encoder : level?.decoder;
  const slot = row?.layout.slots[from.index];
  return level && row && slot ? ([row.x + slot.right + 1, level.y] as const) : undefined;
}

function joinOf({ to }: Feed, placed: readonly PlacedLevel[]): number | undefined {
  const row = placed[to.level]?.decoder;
  const joinX = row?.layout.slots[to.index]?.joinX;
  return row && joinX !== undefined ? row.x + joinX : undefined;
}
