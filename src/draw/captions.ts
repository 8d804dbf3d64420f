import type { Gate, PictureSkip } from './picture.js';

/**
 * What a skip loses at each side: `crop 88`, `crop 44 x 44 x 40` where the axes differ, `crop 1+2` where the
 * two ends differ, `pad 1` where positions are added; empty where nothing changes.
 */
export function cropText({ before, after }: Pick<PictureSkip, 'before' | 'after'>): string {
  const ends = [...before, ...after];
  if (ends.every((end) => end === 0)) return '';
  const pads = ends.every((end) => end <= 0);
  const axes = before.map((start, axis) => {
    const end = after[axis] ?? 0;
    const [a, b] = pads ? [-start, -end] : [start, end];
    return a === b ? String(a) : `${a}+${b}`;
  });
  const same = axes.every((text) => text === axes[0]);
  return `${pads ? 'pad' : 'crop'} ${same ? (axes[0] ?? '') : axes.join(' x ')}`;
}

/** What is written at a gate: the channels it works in, and its parameters. */
export function gateCaption(gate: Gate | undefined): readonly string[] {
  if (!gate) return [];
  const name = gate.count === 1 ? 'gate' : `${gate.count} gates`;
  const inside = gate.channels === undefined ? '' : `: ${gate.channels} channels`;
  return [`${name}${inside}`, `${gate.parameters.toLocaleString('en-US')} parameters`];
}
