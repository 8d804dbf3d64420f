import { Failure } from '../../diagnostics/failure.js';
import { needsRanges, type Resampling } from '../../resample/plane-chain.js';
import { RangeMeter } from '../../resample/range-meter.js';
import { type PlaneStream, resampleStream } from '../../resample/resample-stream.js';
import { allocate, elementCount } from '../../runtime/tensor.js';
import type { CaseGrid } from '../cases/case-grid.js';
import { partOfRows, type RowSource, type Rows } from './row-source.js';

/** So many values are read at once. */
const BAND_VALUES = 2 ** 22;

function bandSize({ channels, spatial }: RowSource): number {
  return Math.max(1, Math.floor(BAND_VALUES / (channels * elementCount(spatial.slice(1)))));
}

/** Whether the network sees an image on another grid. */
export function isResampled({ spatial, network }: CaseGrid): boolean {
  return spatial.some((size, axis) => size !== network[axis]);
}

/**
 * The rows of an image on the grid of the network: cubic, as nnU-Net resamples images. The image is read once more before,
 * where its values are clipped to their range.
 */
export async function resampledRows(source: RowSource, grid: CaseGrid): Promise<RowSource | Failure> {
  if (!isResampled(grid)) return source;
  const { channels, spatial } = source;
  const [, ...rest] = grid.network;
  const resampling: Resampling = { from: spatial, to: grid.network, order: 3, separate: grid.separate };
  const step = bandSize(source);
  const meter = new RangeMeter(channels, resampling);
  const [size = 0] = spatial;
  if (needsRanges(resampling)) {
    for (let at = 0; at < size; at += step) {
      const band = await source.rows(at, Math.min(size, at + step));
      if (band instanceof Failure) return band;
      meter.add(band);
    }
  }
  const ranges = needsRanges(resampling) ? meter.ranges : undefined;
  let stream: PlaneStream<Float32Array> | undefined;
  let waiting: Float32Array[] = [];
  let [next, read] = [0, 0];
  const line = elementCount(rest);
  return {
    channels,
    spatial: grid.network,
    async rows(from, to) {
      if (stream === undefined || from !== next) {
        const rows = { first: from, end: grid.network[0] ?? 0 };
        stream = resampleStream(channels, { ...resampling, rows }, ranges);
        [waiting, next, read] = [[], from, stream.inputs.first];
      }
      while (waiting.length < to - from) {
        const end = Math.min(stream.inputs.end, read + step);
        const band = await source.rows(read, end);
        if (band instanceof Failure) return band;
        read = end;
        waiting.push(...stream.push(band));
      }
      const shape = [channels, to - from, ...rest];
      const data = allocate(elementCount(shape), { what: 'an image', shape });
      if (data instanceof Failure) return data;
      for (const [i, plane] of waiting.splice(0, to - from).entries()) {
        for (let channel = 0; channel < channels; channel++) {
          const values = plane.subarray(channel * line, (channel + 1) * line);
          data.set(values, (channel * (to - from) + i) * line);
        }
      }
      next = to;
      return { shape, data };
    },
  };
}

/** The first row of the network's grid that rows of the file's grid from `from` on need. */
export function firstNetworkRow({ spatial, network, separate }: CaseGrid, from: number): number {
  const rows = { first: from, end: spatial[0] ?? 0 };
  return resampleStream(1, { from: network, to: spatial, order: 1, separate, rows }).inputs.first;
}

/** Logits on the grid of the network, from row firstNetworkRow(from) on, as logits on that of the file: linear. */
export async function* logitsOnFile(
  rows: AsyncGenerator<Rows | Failure>,
  grid: CaseGrid,
  from: number,
): AsyncGenerator<Rows | Failure> {
  const { spatial, network, separate } = grid;
  const [size = 0, ...rest] = spatial;
  const range = { first: from, end: size };
  let stream: PlaneStream<Float32Array> | undefined;
  let at = from;
  for await (const one of rows) {
    if (one instanceof Failure) {
      yield one;
      return;
    }
    const channels = one.values.shape[0] ?? 1;
    stream ??= resampleStream(channels, { from: network, to: spatial, order: 1, separate, rows: range });
    const { end } = stream.inputs;
    if (one.from >= end) continue;
    const band = partOfRows(one, one.from, Math.min(one.to, end)).values;
    for (const data of stream.push(band)) {
      yield { from: at, to: at + 1, values: { shape: [channels, 1, ...rest], data } };
      at += 1;
    }
  }
}
