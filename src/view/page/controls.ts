import { codeCounts, valueOfCode } from '../coded-values.js';
import { DIFFERENCES } from '../colours.js';
import { allElements, element, optionalElement, shownNumber } from './elements.js';
import { showSlice } from './plane-input.js';
import { maskStyles, type ViewState } from './view-state.js';

/** Connects the panel of the page with the state, in both directions. */
export function connectControls(state: ViewState): void {
  connectWindow(state);
  connectSlices(state);
  connectMasks(state);
  connectClasses(state);
  connectComparison(state);
}

/** Calls `read` when the user changes a field. */
function onInput(field: HTMLInputElement | HTMLSelectElement | undefined, read: () => void): void {
  field?.addEventListener('input', read);
}

function connectWindow(state: ViewState): void {
  const { page } = state;
  const [low, high] = [element('low', HTMLInputElement), element('high', HTMLInputElement)];
  const [lowText, highText] = [
    element('low-value', HTMLOutputElement),
    element('high-value', HTMLOutputElement),
  ];
  const select = optionalElement('channel', HTMLSelectElement);
  const histogram = element('histogram', HTMLCanvasElement);
  const counts = page.channels.map((channel) => codeCounts(channel));
  const show = () => {
    const index = page.colour ? 0 : state.channel;
    const channel = page.channels[index];
    if (channel === undefined) return;
    const ends = counts[index] ?? new Float64Array(1);
    // An image without numbers has no counts.
    const first = page.colour
      ? 0
      : Math.max(
          0,
          ends.findIndex((count) => count > 0),
        );
    const last = Math.max(
      first + 1,
      page.colour ? (state.high[0] ?? 255) : ends.findLastIndex((count) => count > 0),
    );
    for (const [field, text, code] of [
      [low, lowText, state.low[index] ?? 0],
      [high, highText, state.high[index] ?? 1],
    ] as const) {
      field.min = String(first);
      field.max = String(page.colour ? Math.max(last, Number(field.max) || 0) : last);
      field.value = String(code);
      const value = shownNumber(valueOfCode(channel, code));
      field.setAttribute('aria-valuetext', value);
      text.value = value;
    }
    drawHistogram(
      histogram,
      ends,
      [Number(low.min), Number(low.max)],
      [state.low[index] ?? 0, state.high[index] ?? 1],
    );
  };
  const read = (moved: HTMLInputElement) => () => {
    const index = page.colour ? 0 : state.channel;
    let [from, to] = [Number(low.value), Number(high.value)];
    // The end that the user moves pushes the other one.
    if (from >= to) {
      if (moved === low) to = from + 1;
      else from = to - 1;
    }
    [state.low[index], state.high[index]] = [from, to];
    state.changed();
  };
  onInput(low, read(low));
  onInput(high, read(high));
  onInput(select, () => {
    state.channel = select?.selectedIndex ?? 0;
    state.changed();
  });
  element('window-start', HTMLButtonElement).addEventListener('click', () => {
    const index = page.colour ? 0 : state.channel;
    const channel = page.channels[index];
    if (channel) [state.low[index], state.high[index]] = [channel.low, channel.high];
    state.changed();
  });
  state.onChange(show);
  show();
}

/** How often values occur, on a scale of roots so that rare ones are visible, with the window marked. */
function drawHistogram(
  canvas: HTMLCanvasElement,
  counts: Float64Array,
  [first, last]: readonly [number, number],
  [low, high]: readonly [number, number],
): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [
    Math.round((canvas.clientWidth || 280) * ratio),
    Math.round((canvas.clientHeight || 40) * ratio),
  ];
  [canvas.width, canvas.height] = [width, height];
  const bars = new Float64Array(Math.min(width, last - first + 1));
  for (let code = first; code <= last; code++) {
    const bar = Math.min(bars.length - 1, Math.floor(((code - first) / (last - first + 1)) * bars.length));
    bars[bar] = (bars[bar] ?? 0) + (counts[code] ?? 0);
  }
  const most = Math.sqrt(Math.max(...bars, 1));
  const { color } = getComputedStyle(canvas);
  const barWidth = width / bars.length;
  for (const [i, count] of bars.entries()) {
    const code = first + ((i + 0.5) / bars.length) * (last - first + 1);
    context.globalAlpha = code >= low && code <= high ? 1 : 0.35;
    context.fillStyle = color;
    const bar = (Math.sqrt(count) / most) * height;
    context.fillRect(i * barWidth, height - bar, Math.ceil(barWidth), bar);
  }
}

function connectSlices(state: ViewState): void {
  const slider = optionalElement('slice', HTMLInputElement);
  if (slider === undefined) return;
  const text = element('slice-value', HTMLOutputElement);
  const show = () => {
    slider.value = String(state.slice);
    slider.setAttribute('aria-valuetext', `${state.slice} of 0 to ${state.page.size[0] - 1}`);
    text.value = `${state.slice} / ${state.page.size[0] - 1}`;
  };
  onInput(slider, () => showSlice(state, Number(slider.value)));
  element('previous', HTMLButtonElement).addEventListener('click', () => showSlice(state, state.slice - 1));
  element('next', HTMLButtonElement).addEventListener('click', () => showSlice(state, state.slice + 1));
  state.onChange(show);
  show();
}

function connectMasks(state: ViewState): void {
  const opacity = optionalElement('opacity', HTMLInputElement);
  if (opacity === undefined) return;
  const text = element('opacity-value', HTMLOutputElement);
  const selects = allElements('[data-mask]', HTMLSelectElement);
  const show = () => {
    opacity.value = String(Math.round(100 * state.opacity));
    text.value = `${opacity.value} %`;
    opacity.setAttribute('aria-valuetext', text.value);
    for (const [i, select] of selects.entries()) select.value = state.styles[i] ?? 'hidden';
  };
  onInput(opacity, () => {
    state.opacity = Number(opacity.value) / 100;
    state.changed();
  });
  for (const [i, select] of selects.entries()) {
    onInput(select, () => {
      state.styles[i] = maskStyles.find((one) => one === select.value) ?? 'hidden';
      state.changed();
    });
  }
  state.onChange(show);
  show();
}

function connectClasses(state: ViewState): void {
  for (const box of allElements('[data-class]', HTMLInputElement)) {
    const index = Number(box.dataset.class);
    onInput(box, () => {
      // One box stands for all objects.
      if (state.page.objects) state.shown.fill(box.checked ? 1 : 0, 1);
      else state.shown[index] = box.checked ? 1 : 0;
      state.changed();
    });
  }
}

/** How many positions belong to each entry of DIFFERENCES, in texts beside them. */
function showCounts(labels: Uint8Array): void {
  const counts = DIFFERENCES.map(() => 0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  // Positions without a label in both masks are not what they are compared for.
  const total = counts.slice(1).reduce((sum, count) => sum + count, 0);
  for (const [i, count] of counts.entries()) {
    const cell = document.getElementById(`difference-${i}`);
    const share = total === 0 ? 0 : (100 * count) / total;
    if (cell) cell.textContent = `${count.toLocaleString('en')} (${share.toFixed(1)} %)`;
  }
}

function connectComparison(state: ViewState): void {
  const mode = optionalElement('mode', HTMLSelectElement);
  if (mode === undefined) return;
  const [first, second] = [element('first', HTMLSelectElement), element('second', HTMLSelectElement)];
  const [classes, differences] = [element('classes', HTMLElement), element('differences', HTMLElement)];
  const read = () => {
    const compares = mode.value === 'differences';
    state.compared = compares ? [first.selectedIndex, second.selectedIndex] : undefined;
    classes.hidden = compares;
    differences.hidden = !compares;
    const labels = state.comparison();
    if (labels) showCounts(labels);
    state.changed();
  };
  for (const field of [mode, first, second]) onInput(field, read);
  for (const box of allElements('[data-difference]', HTMLInputElement)) {
    onInput(box, () => {
      state.differencesShown[Number(box.dataset.difference)] = box.checked ? 1 : 0;
      state.changed();
    });
  }
}
