import type { PlaneViewer } from './plane-viewer.js';
import type { ViewState } from './view-state.js';

/** How far one press of an arrow key moves the plane, in pixels. */
const STEP = 48;

/** What the keys do besides moving the plane. */
export interface KeyActions {
  toggleOutlines(): void;
  toggleMasks(): void;
}

/** Moves to a slice, within the stack. */
export function showSlice(state: ViewState, slice: number): void {
  const next = Math.min(state.page.size[0] - 1, Math.max(0, slice));
  if (next === state.slice) return;
  state.slice = next;
  state.changed();
}

/** Wheel, pointers, two fingers and keys on the canvas of a viewer. */
export function listen(viewer: PlaneViewer, state: ViewState, actions: KeyActions): void {
  const { canvas } = viewer;
  const pointers = new Map<number, readonly [number, number]>();
  const pointOf = (event: MouseEvent): [number, number] => {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const amount = event.deltaY || event.deltaX;
      if (event.shiftKey && state.page.size[0] > 1) showSlice(state, state.slice + Math.sign(amount));
      else viewer.zoom(2 ** (-Math.sign(amount) * Math.min(1, Math.abs(amount) / 240)), pointOf(event));
    },
    { passive: false },
  );
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, pointOf(event));
    viewer.pointAt(...pointOf(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    const to = pointOf(event);
    const from = pointers.get(event.pointerId);
    if (from === undefined) {
      viewer.pointAt(...to);
      return;
    }
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) viewer.pan(to[0] - from[0], to[1] - from[1]);
    else {
      const distance = ([x, y]: readonly [number, number]) => Math.hypot(x - other[0], y - other[1]);
      const middle: [number, number] = [(to[0] + other[0]) / 2, (to[1] + other[1]) / 2];
      viewer.zoom(distance(to) / Math.max(1, distance(from)), middle);
      viewer.pan((to[0] - from[0]) / 2, (to[1] - from[1]) / 2);
    }
    pointers.set(event.pointerId, to);
  });
  for (const end of ['pointerup', 'pointercancel'] as const) {
    canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
  }
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keyAction(event, viewer, state, actions);
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

function keyAction(
  { key, shiftKey }: KeyboardEvent,
  viewer: PlaneViewer,
  state: ViewState,
  actions: KeyActions,
): (() => void) | undefined {
  const arrows: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  const [dx, dy] = arrows[key] ?? [0, 0];
  if (dx !== 0 || dy !== 0) {
    return () => (shiftKey ? viewer.moveCursor(dx, dy) : viewer.pan(-STEP * dx, -STEP * dy));
  }
  const others: Readonly<Record<string, () => void>> = {
    '+': () => viewer.zoom(1.25),
    '=': () => viewer.zoom(1.25),
    '-': () => viewer.zoom(0.8),
    '0': () => viewer.showAll(),
    PageUp: () => showSlice(state, state.slice - 1),
    PageDown: () => showSlice(state, state.slice + 1),
    o: actions.toggleOutlines,
    m: actions.toggleMasks,
  };
  return others[key.length === 1 ? key.toLowerCase() : key];
}
