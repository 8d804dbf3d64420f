import { valueOfCode } from '../coded-values.js';
import { shownNumber } from './elements.js';
import type { LoadedPage } from './read-page.js';

/** How a class is called: "2 nucleus". */
export function classText({ values, names, objects }: LoadedPage, label: number): string {
  if (label === 0) return 'background';
  const name = names[label];
  return `${objects ? 'object ' : 'class '}${values[label] ?? ''}${name ? ` ${name}` : ''}`;
}

/** What the page has at a position: its values, and its class in each mask. */
export function readoutAt(page: LoadedPage, [slice, row, column]: readonly [number, number, number]): string {
  const { size, channels, masks, kind, reduction } = page;
  const index = (slice * size[1] + row) * size[2] + column;
  const values = channels.map((channel) => shownNumber(valueOfCode(channel, channel.codes[index] ?? 0)));
  // The first of the stored positions that the shown one stands for.
  const [z, y, x] = [slice * reduction[0], row * reduction[1], column * reduction[2]];
  const place =
    kind === 'volume'
      ? `voxel (${x}, ${y}, ${z})`
      : `column ${x}, row ${y}${size[0] > 1 ? `, page ${z}` : ''}`;
  const value = values.length > 1 ? `values ${values.join(', ')}` : `value ${values[0] ?? ''}`;
  const classes = masks.map(({ name, labels }) => {
    const text = classText(page, labels[index] ?? 0);
    return masks.length > 1 ? `${name}: ${text}` : text;
  });
  return [place, value, ...classes].join(' · ');
}
