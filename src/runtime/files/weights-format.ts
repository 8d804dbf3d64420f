import type { WeightsFormat } from '../../diagnostics/codes/weights/weights.js';
import type { RandomAccess } from '../../weights/random-access.js';

/** The usual endings of the formats. */
const endings: readonly (readonly [RegExp, WeightsFormat])[] = [
  [/\.safetensors$/i, 'safetensors'],
  [/\.onnx$/i, 'onnx'],
  [/\.json$/i, 'tfjs'],
  [/\.(?:pt|pth|ckpt)$/i, 'pytorch'],
];

/** The format of a file by its name. */
export function formatOfName(path: string): WeightsFormat | undefined {
  return endings.find(([ending]) => ending.test(path))?.[1];
}

/** The format of a file by its first bytes, or else by its name; undefined if both are unknown. */
export function weightsFormatOf(path: string, file: RandomAccess): WeightsFormat | undefined {
  return formatOfBytes(file.read(0, Math.min(16, file.size))) ?? formatOfName(path);
}

function formatOfBytes(bytes: Uint8Array): WeightsFormat | undefined {
  const [a, b, c, d] = bytes;
  // The length of the header, which is below 2^32, and the header, which is a JSON object.
  if (bytes[8] === 0x7b && bytes.subarray(4, 8).every((byte) => byte === 0)) return 'safetensors';
  // A zip archive ("PK", 3, 4), or a pickle, which PyTorch wrote before 1.6.
  if (a === 0x50 && b === 0x4b && c === 3 && d === 4) return 'pytorch';
  if (a === 0x80 && b !== undefined && b >= 2 && b <= 5) return 'pytorch';
  // ir_version, which every writer puts first, and its number, which is far below 32.
  if (a === 0x08 && b !== undefined && b > 0 && b < 0x20) return 'onnx';
  return /^\s*\{/.test(String.fromCharCode(...bytes)) ? 'tfjs' : undefined;
}
