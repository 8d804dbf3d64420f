import { element } from './elements.js';
import { listen } from './plane-input.js';
import { PlaneViewer } from './plane-viewer.js';
import { readoutAt } from './readout.js';
import type { ViewState } from './view-state.js';

/** The largest of 1, 2, 5, 10, 20, ... that is at most `most`. */
function roundLength(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return ([5, 2, 1].find((one) => one * power <= most) ?? 1) * power;
}

/** A viewer of slices, with its buttons, its readout and its scale bar. */
export function startPlanes(state: ViewState): PlaneViewer {
  const canvas = element('plane', HTMLCanvasElement);
  const [zoomText, readout] = [element('zoom', HTMLOutputElement), element('readout', HTMLElement)];
  const [bar, barText] = [element('scale-bar', HTMLElement), element('scale-text', HTMLElement)];
  const { spacing, unit } = state.page;
  const hint = readout.textContent ?? '';
  const viewer = new PlaneViewer(canvas, state, () => {
    zoomText.value = `${Math.round(100 * viewer.scale)} %`;
    const { cursor } = viewer;
    readout.textContent = cursor ? readoutAt(state.page, [state.slice, cursor[1], cursor[0]]) : hint;
    if (spacing === undefined || unit === undefined) return;
    const length = roundLength((110 / viewer.scale) * spacing[2]);
    bar.hidden = false;
    bar.style.width = `${(length / spacing[2]) * viewer.scale}px`;
    barText.textContent = `${Number(length.toPrecision(3))} ${unit}`;
  });
  const before = state.styles.slice();
  listen(viewer, state, {
    toggleOutlines() {
      const hasOutlines = state.styles.some((style) => style === 'both' || style === 'outline');
      for (const [i, style] of state.styles.entries()) {
        if (hasOutlines) {
          before[i] = style;
          if (style === 'both') state.styles[i] = 'fill';
          if (style === 'outline') state.styles[i] = 'hidden';
        } else state.styles[i] = before[i] ?? 'both';
      }
      state.changed();
    },
    toggleMasks() {
      const isVisible = state.styles.some((style) => style !== 'hidden');
      for (const [i, style] of state.styles.entries()) {
        if (isVisible) before[i] = style;
        state.styles[i] = isVisible ? 'hidden' : (before[i] ?? 'both');
      }
      state.changed();
    },
  });
  const onClick = (id: string, act: () => void) =>
    element(id, HTMLButtonElement).addEventListener('click', act);
  onClick('zoom-out', () => viewer.zoom(0.8));
  onClick('zoom-in', () => viewer.zoom(1.25));
  onClick('fit', () => viewer.showAll());
  return viewer;
}
