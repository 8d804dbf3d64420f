import { type Graph, parametersOf } from '../../ir/graph.js';
import { elementCount } from '../../ir/parameter.js';
import { littleEndianBytes } from '../little-endian.js';
import type { StoredTensor } from '../tensor-listing.js';
import type { WeightSource } from '../weight-source.js';

export interface SafetensorsFile {
  /** The size of the whole file in bytes. */
  readonly size: number;
  /** The file's bytes in order. Write each chunk before you take the next one, which may reuse its buffer. */
  readonly chunks: Iterable<Uint8Array>;
}

/**
 * Tensors as a safetensors file (github.com/huggingface/safetensors, "Format"): the header's length as 8
 * little-endian bytes, the header as JSON padded with spaces to 8 bytes, the tensors as F32, row-major. Header
 * entries and data keep the given order; names are unique.
 *
 * `metadata` becomes the header's `__metadata__`.
 */
export function writeTensors(
  tensors: readonly StoredTensor[],
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsFile {
  const entries: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) entries.push(['__metadata__', metadata]);
  let end = 0;
  for (const { name, shape } of tensors) {
    const start = end;
    end += 4 * elementCount(shape);
    entries.push([name, { dtype: 'F32', shape, data_offsets: [start, end] }]);
  }
  const head = headBytes(entries);
  return { size: head.length + end, chunks: { [Symbol.iterator]: bytesOf } };

  function* bytesOf(): Generator<Uint8Array, void, undefined> {
    yield head;
    for (const tensor of tensors) {
      for (const chunk of tensor.chunks()) yield littleEndianBytes(chunk);
    }
  }
}

/** The weights of a graph as a safetensors file: see writeTensors. The tensors have the order of the graph's parameters. */
export function writeSafetensors(
  graph: Graph,
  weights: WeightSource,
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsFile {
  const tensors = parametersOf(graph).map((parameter) => ({
    name: parameter.name,
    shape: parameter.shape,
    chunks: () => weights.chunks(parameter),
  }));
  return writeTensors(tensors, metadata);
}

/**
 * The length and the header. The text of the object is joined by hand, because JavaScript would move keys such as "1" to
 * the front.
 */
function headBytes(entries: readonly (readonly [string, unknown])[]): Uint8Array {
  const json = entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const text = new TextEncoder().encode(`{${json.join(',')}}`);
  const length = Math.ceil(text.length / 8) * 8;
  const head = new Uint8Array(8 + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(text, 8);
  return head;
}
