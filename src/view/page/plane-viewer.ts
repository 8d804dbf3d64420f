import { windowTable } from '../coded-values.js';
import { renderPlane, shownPositions } from '../render/render-plane.js';
import { PlaneLevels } from './plane-levels.js';
import type { LoadedChannel } from './read-page.js';
import type { ViewState } from './view-state.js';

const SMALLEST = 1 / 64;
const LARGEST = 64;

/** Shows a slice on a canvas that can be zoomed and moved. Lengths are pixels of CSS; positions are those of the plane. */
export class PlaneViewer {
  /** Pixels per column. */
  scale = 1;
  /** The position in the middle of the canvas. */
  private centre: [number, number];
  private isFitted = true;
  /** What the pointer or the keys point at: column and row. */
  cursor: readonly [number, number] | undefined;
  /** Whether the cursor is drawn, because no pointer shows where it is. */
  private showsCursor = false;
  private readonly levels: PlaneLevels;
  private readonly tables = new Map<LoadedChannel, { key: string; table: Uint8Array }>();
  /** How high a position is compared to its width. */
  private readonly aspect: number;
  private waiting = false;

  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly state: ViewState,
    private readonly onView: () => void,
  ) {
    const { size, spacing } = state.page;
    this.levels = new PlaneLevels(size[2], size[1]);
    this.centre = [size[2] / 2, size[1] / 2];
    this.aspect = spacing ? Math.min(50, Math.max(1 / 50, spacing[1] / spacing[2])) : 1;
    new ResizeObserver(() => {
      if (this.isFitted) this.showAll();
      else this.draw();
    }).observe(canvas);
    state.onChange(() => this.draw());
  }

  /** The largest scale at which the whole plane is visible. */
  showAll(): void {
    const { size } = this.state.page;
    const { clientWidth, clientHeight } = this.canvas;
    this.scale = Math.min(clientWidth / size[2], clientHeight / (size[1] * this.aspect), LARGEST) || 1;
    this.centre = [size[2] / 2, size[1] / 2];
    this.isFitted = true;
    this.draw();
  }

  /** Zooms by a factor; the position under the point of the canvas stays where it is. */
  zoom(factor: number, [x, y] = [this.canvas.clientWidth / 2, this.canvas.clientHeight / 2]): void {
    const [column, row] = this.positionAt(x, y);
    this.scale = Math.min(LARGEST, Math.max(SMALLEST, this.scale * factor));
    const [newColumn, newRow] = this.positionAt(x, y);
    this.centre = [this.centre[0] + column - newColumn, this.centre[1] + row - newRow];
    this.isFitted = false;
    this.draw();
  }

  /** Moves the plane by pixels; its middle stays on the canvas. */
  pan(dx: number, dy: number): void {
    const { size } = this.state.page;
    const [column, row] = this.centre;
    this.centre = [
      Math.min(size[2], Math.max(0, column - dx / this.scale)),
      Math.min(size[1], Math.max(0, row - dy / (this.scale * this.aspect))),
    ];
    this.isFitted = false;
    this.draw();
  }

  /** Moves the cursor by positions, and the plane with it where it would leave the canvas. */
  moveCursor(dx: number, dy: number): void {
    const { size } = this.state.page;
    const [column, row] = this.cursor ?? [Math.floor(this.centre[0]) - dx, Math.floor(this.centre[1]) - dy];
    this.cursor = [
      Math.min(size[2] - 1, Math.max(0, column + dx)),
      Math.min(size[1] - 1, Math.max(0, row + dy)),
    ];
    this.showsCursor = true;
    const [x, y] = this.pointOf(this.cursor[0] + 0.5, this.cursor[1] + 0.5);
    const { clientWidth, clientHeight } = this.canvas;
    if (x < 0 || y < 0 || x > clientWidth || y > clientHeight) {
      this.centre = [this.cursor[0] + 0.5, this.cursor[1] + 0.5];
      this.isFitted = false;
    }
    this.draw();
  }

  /** Points at the position under a point of the canvas. */
  pointAt(x: number, y: number): void {
    const { size } = this.state.page;
    const [column, row] = this.positionAt(x, y).map(Math.floor);
    const isInside =
      column !== undefined &&
      row !== undefined &&
      column >= 0 &&
      row >= 0 &&
      column < size[2] &&
      row < size[1];
    this.cursor = isInside ? [column, row] : undefined;
    if (this.showsCursor) this.draw();
    this.showsCursor = false;
    this.onView();
  }

  private positionAt(x: number, y: number): [number, number] {
    const { clientWidth, clientHeight } = this.canvas;
    return [
      this.centre[0] + (x - clientWidth / 2) / this.scale,
      this.centre[1] + (y - clientHeight / 2) / (this.scale * this.aspect),
    ];
  }

  /** The point of the canvas that shows a position. */
  pointOf(column: number, row: number): [number, number] {
    const { clientWidth, clientHeight } = this.canvas;
    return [
      clientWidth / 2 + (column - this.centre[0]) * this.scale,
      clientHeight / 2 + (row - this.centre[1]) * this.scale * this.aspect,
    ];
  }

  /** Draws before the next picture of the browser, once for all changes until then. */
  draw(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.drawNow();
      this.onView();
    });
  }

  private tableOf(channel: LoadedChannel, index: number): Uint8Array {
    const at = this.state.page.colour ? 0 : index;
    const [low = 0, high = 1] = [this.state.low[at], this.state.high[at]];
    const key = `${low} ${high}`;
    const kept = this.tables.get(channel);
    if (kept?.key === key) return kept.table;
    const table = windowTable(channel, low, high);
    this.tables.set(channel, { key, table });
    return table;
  }

  private drawNow(): void {
    const { canvas, state } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((one) => Math.round(one * ratio));
    // The picture is made by the processor, so the canvas is better off there.
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!width || !height || context === null) return;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const { size, channels, colour } = state.page;
    // Several positions in a pixel are shown as their mean.
    const most = Math.floor(Math.log2(Math.min(size[1], size[2])));
    const level = Math.min(
      most,
      Math.max(0, Math.floor(-Math.log2(this.scale * ratio * Math.min(1, this.aspect)) + 0.25)),
    );
    const [columnsHere, rowsHere] = [Math.max(1, size[2] >> level), Math.max(1, size[1] >> level)];
    const [left, top] = this.positionAt(0, 0).map((one) => one / 2 ** level);
    const scale = this.scale * ratio * 2 ** level;
    const columns = shownPositions(width, columnsHere, left ?? 0, scale);
    const rows = shownPositions(height, rowsHere, top ?? 0, scale * this.aspect);
    const picture = context.createImageData(width, height);
    const shown = colour ? channels.map((_, i) => i) : [state.channel];
    renderPlane(
      {
        channels: shown.flatMap((i) => {
          const channel = channels[i];
          if (channel === undefined) return [];
          const codes = this.levels.codesOf(channel, state.slice, level);
          return [{ codes, table: this.tableOf(channel, i) }];
        }),
        start: 0,
        width: columnsHere,
        overlays: state.overlays().map((overlay) => ({
          ...overlay,
          labels: this.levels.labelsOf(overlay.labels, state.slice, level),
        })),
        opacity: state.opacity,
        thickness: Math.max(1, Math.round(1.5 * ratio)),
      },
      columns,
      rows,
      picture.data,
    );
    context.putImageData(picture, 0, 0);
    if (this.showsCursor && this.cursor) this.drawCursor(context, ratio, this.cursor);
  }

  /** A cross with a gap, dark and light, so that it is visible on every image. */
  private drawCursor(
    context: CanvasRenderingContext2D,
    ratio: number,
    [column, row]: readonly [number, number],
  ): void {
    const [x, y] = this.pointOf(column + 0.5, row + 0.5).map((one) => one * ratio);
    for (const [width, style] of [
      [4, '#000'],
      [2, '#fff'],
    ] as const) {
      context.lineWidth = width * ratio;
      context.strokeStyle = style;
      context.beginPath();
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ] as const) {
        context.moveTo((x ?? 0) + 5 * ratio * dx, (y ?? 0) + 5 * ratio * dy);
        context.lineTo((x ?? 0) + 14 * ratio * dx, (y ?? 0) + 14 * ratio * dy);
      }
      context.stroke();
    }
  }
}
