import type { Gate, PictureSkip } from './picture.js';

type Ends = Pick<PictureSkip, 'before' | 'after'>;

/** Whether a skip is cropped or padded; undefined if it is neither. */
export function cropKind({ before, after }: Ends): 'crop' | 'pad' | undefined {
  const ends = [...before, ...after];
  if (ends.every((end) => end === 0)) return undefined;
  return ends.every((end) => end <= 0) ? 'pad' : 'crop';
}

/**
 * How a skip changes at each side: `crop 88`, `crop 44 x 44 x 40` if the axes differ, `crop 1+2` if the two ends
 * differ, `pad 1` if positions are added; empty if nothing changes.
 */
export function cropText({ before, after }: Ends): string {
  const kind = cropKind({ before, after });
  if (!kind) return '';
  const axes = before.map((start, axis) => {
    const end = after[axis] ?? 0;
    const [a, b] = kind === 'pad' ? [-start, -end] : [start, end];
    return a === b ? String(a) : `${a}+${b}`;
  });
  const same = axes.every((text) => text === axes[0]);
  return `${kind} ${same ? (axes[0] ?? '') : axes.join(' x ')}`;
}

/** The caption of a gate: the channels that it works in, and its parameters. */
export function gateCaption(gate: Gate | undefined): readonly string[] {
  if (!gate) return [];
  const name = gate.count === 1 ? 'gate' : `${gate.count} gates`;
  const inside = gate.channels === undefined ? '' : `: ${gate.channels} channels`;
  return [`${name}${inside}`, `${gate.parameters.toLocaleString('en-US')} parameters`];
}
