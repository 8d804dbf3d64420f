import { DIFFERENCES } from '../colours.js';
import { colourBytes, differenceLabels } from '../render/overlay-colours.js';
import type { Overlay } from '../render/render-plane.js';
import type { LoadedPage } from './read-page.js';

export const maskStyles = ['both', 'fill', 'outline', 'hidden'] as const;
export type MaskStyle = (typeof maskStyles)[number];

/** What is shown, and how. Whoever changes it calls `changed`. */
export class ViewState {
  channel = 0;
  slice: number;
  /** The window of each channel, in codes. */
  readonly low: number[];
  readonly high: number[];
  /** Of fills, 0 .. 1. */
  opacity = 0.45;
  readonly styles: MaskStyle[];
  /** For each class, whether it is shown: 0 or 1. */
  readonly shown: Uint8Array;
  /** The masks whose differences are shown in place of their classes. */
  compared: readonly [number, number] | undefined;
  /** The same for each entry of DIFFERENCES. */
  readonly differencesShown = Uint8Array.from(DIFFERENCES, (_, i) => (i === 0 ? 0 : 1));
  private readonly listeners: (() => void)[] = [];
  private readonly colours: Uint8Array;
  private differences: { readonly key: string; readonly labels: Uint8Array } | undefined;

  constructor(readonly page: LoadedPage) {
    this.slice = fullestSlice(page);
    this.low = page.channels.map(({ low }) => low);
    this.high = page.channels.map(({ high }) => high);
    this.styles = page.masks.map((_, i) => (i === 0 ? 'both' : 'outline'));
    this.shown = Uint8Array.from(page.values, (_, i) => (i === 0 ? 0 : 1));
    this.colours = Uint8Array.from(page.colours);
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  changed(): void {
    for (const listener of this.listeners) listener();
  }

  /** The entry of DIFFERENCES for each position of the masks that are compared. */
  comparison(): Uint8Array | undefined {
    if (this.compared === undefined) return undefined;
    const [first, second] = this.compared.map((i) => this.page.masks[i]?.labels);
    const key = this.compared.join();
    if (first === undefined || second === undefined) return undefined;
    if (this.differences?.key !== key) this.differences = { key, labels: differenceLabels(first, second) };
    return this.differences.labels;
  }

  /** The labels that lie over the image now. */
  overlays(): Overlay[] {
    const labels = this.comparison();
    if (labels !== undefined) {
      const colours = colourBytes(DIFFERENCES.map(({ colour }) => colour));
      const shown = this.differencesShown;
      return [{ labels, colours, shown, fill: true, outline: false, dashed: false }];
    }
    return this.page.masks.flatMap((mask, i): Overlay[] => {
      const style = this.styles[i] ?? 'hidden';
      if (style === 'hidden') return [];
      return [
        {
          ...{ labels: mask.labels, colours: this.colours, shown: this.shown },
          ...{ fill: style !== 'outline', outline: style !== 'fill', dashed: i > 0 },
        },
      ];
    });
  }
}

/** The slice with most labels of the first mask; without one, the first page, or the middle of a volume. */
function fullestSlice({ size, kind, masks }: LoadedPage): number {
  const [slices, rows, columns] = size;
  const [mask] = masks;
  if (mask === undefined) return kind === 'volume' ? Math.floor(slices / 2) : 0;
  let [best, most] = [kind === 'volume' ? Math.floor(slices / 2) : 0, 0];
  for (let slice = 0; slice < slices; slice++) {
    let count = 0;
    const end = (slice + 1) * rows * columns;
    for (let i = slice * rows * columns; i < end; i++) if (mask.labels[i] !== 0) count += 1;
    if (count > most) [best, most] = [slice, count];
  }
  return best;
}
