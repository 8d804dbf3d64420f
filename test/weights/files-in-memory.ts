import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { RandomAccess } from '../../src/weights/random-access.js';

/** Bytes as a file; refuses reads outside, as a real file would fail, and notes the longest. */
export function fileOf(bytes: Uint8Array): RandomAccess & { largest: number } {
  const file = {
    size: bytes.length,
    largest: 0,
    read(offset: number, length: number) {
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
        throw new Error('read outside of the file');
      }
      file.largest = Math.max(file.largest, length);
      return bytes.subarray(offset, offset + length);
    },
  };
  return file;
}

/** Opens files of a folder that is in memory. */
export function folderOf(files: Readonly<Record<string, Uint8Array>>) {
  return (path: string): RandomAccess | string => {
    const bytes = files[path];
    return bytes ? fileOf(bytes) : 'there is no such file';
  };
}

/** A file that PyTorch made: pytorch/make_files.py. */
export function torchFile(name: string, folder = join(import.meta.dirname, 'pytorch')): Uint8Array {
  return new Uint8Array(gunzipSync(readFileSync(join(folder, `${name}.gz`))));
}

/** Whether two rows of numbers are the same to the bit; comparing them one by one takes a second a million. */
export function sameBits(a: Float32Array, b: Float32Array): boolean {
  const [left, right] = [a, b].map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  return left !== undefined && right !== undefined && left.equals(right);
}
