import { Failure } from '../../diagnostics/failure.js';
import { allocate, type Tensor } from '../../runtime/tensor.js';
import type { RowSource } from '../rows/row-source.js';

/** So many numbers are read at once. */
const PART_VALUES = 2 ** 24;

/** The rows of an image that the windows of one row of windows need, (C, rows, ...rest); each row is read once. */
export class RowBand {
  private band: Tensor;
  private first = 0;

  constructor(private readonly source: RowSource) {
    const [, ...rest] = source.spatial;
    this.band = { shape: [source.channels, 0, ...rest], data: new Float32Array(0) };
  }

  /** The row of the image that is the first of the band. */
  get from(): number {
    return this.first;
  }

  /** Has the rows from <= row < to in memory, and no row before. Each call asks for rows further down. */
  async hold(from: number, to: number): Promise<Tensor | Failure> {
    const [channels = 0, held = 0, ...rest] = this.band.shape;
    const end = this.first + held;
    if (from === this.first && to <= end) return this.band;
    const line = rest.reduce((product, size) => product * size, 1);
    const start = Math.max(from, end);
    const last = Math.max(to, end);
    const shape = [channels, last - from, ...rest];
    const data = allocate(channels * (last - from) * line, { what: 'an image', shape });
    if (data instanceof Failure) return data;
    const kept = Math.max(0, end - from);
    for (let channel = 0; channel < channels; channel++) {
      const at = channel * (last - from) * line;
      if (kept > 0) {
        const old = channel * held * line + (from - this.first) * line;
        data.set(this.band.data.subarray(old, old + kept * line), at);
      }
    }
    // In parts, so that no third copy of the rows is in memory.
    const step = Math.max(1, Math.floor(PART_VALUES / (channels * line)));
    for (let row = start; row < to; row += step) {
      const more = await this.source.rows(row, Math.min(to, row + step));
      if (more instanceof Failure) return more;
      const own = more.data.length / channels;
      for (let channel = 0; channel < channels; channel++) {
        const values = more.data.subarray(channel * own, (channel + 1) * own);
        data.set(values, (channel * (last - from) + row - from) * line);
      }
    }
    this.first = from;
    this.band = { shape, data };
    return this.band;
  }
}
