import { encodeElements } from '../element.js';
import { sizesOf } from '../stored-array.js';
import { boxesInOrder, type Encoder } from './encoder.js';
import { NUMPY_TYPES } from './numpy-types.js';

/** The header begins with 10 bytes and ends at a multiple of 64. */
const START = 10;

/** A .npy file, version 1, of any array: its axes lose their names. */
export const encodeNpy: Encoder = (_, header, boxes) => {
  const { axes, type } = header;
  const sizes = sizesOf(axes);
  const shape = sizes.length === 1 ? `${sizes[0]},` : sizes.join(', ');
  const text = `{'descr': '${NUMPY_TYPES[type]}', 'fortran_order': False, 'shape': (${shape}), }`;
  const length = Math.ceil((START + text.length + 1) / 64) * 64 - START;
  const start = Buffer.from(`\x93NUMPY\x01\x00${'  '}${text.padEnd(length - 1)}\n`, 'latin1');
  start.writeUInt16LE(length, 8);
  function* chunks(): Generator<Uint8Array> {
    yield start;
    for (const box of boxesInOrder(sizes, PIECE)) yield encodeElements(boxes(box), type);
  }
  return { chunks: chunks() };
};

/** So many elements are encoded at once: their axes may have any names, or none. */
const PIECE = 2 ** 20;
