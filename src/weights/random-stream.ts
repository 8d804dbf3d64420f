import { sha256 } from '@noble/hashes/sha2.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/** Numbers computed at a time: their working space stays in the fastest cache. */
const BLOCK = 4096;

/**
 * The working space of all streams: no call leaves anything in it. A stream of its own would need 32 KiB, and a training
 * draws one number each of thousands of streams.
 */
const words = new Int32Array(BLOCK);
const tails = new Int32Array(BLOCK);

/** 2^-32: an int32 times this lies in [-1/2, 1/2). */
const PER_WORD = 1 / 4294967296;

/** floor(0.425 * 2^32): up to this |t|, the central fraction of PPND7 applies. */
const CENTRAL = 1825361100;

/** 2^-e for e = 0..32, by exact halving. */
const POWERS_OF_HALF = new Float64Array(33).fill(1);
for (let e = 1; e < 33; e++) POWERS_OF_HALF[e] = (POWERS_OF_HALF[e - 1] as number) / 2;

/**
 * A stream of random numbers that is the same on every machine, now and in the future. It uses only operations that
 * are exactly rounded (+ - * / sqrt in float64) or on integers. Functions such as Math.log differ between engines.
 *
 * 1. State. The SHA-256 digest of the UTF-8 text `seed`, a line feed, `name` (the seed in decimal) gives four
 *    32-bit little-endian words from its first 16 bytes: a, b, c, counter. So each name has its own
 *    stream.
 * 2. Words. The generator is sfc32 (Chris Doty-Humphrey, PractRand), all arithmetic modulo 2^32:
 *    t = a + b + counter; counter = counter + 1; a = b ^ (b >>> 9); b = c + (c << 3);
 *    c = rotateLeft(c, 21) + t. The word is t, read as a signed number. The hash mixes
 *    the state well, so no word is discarded.
 * 3. Uniform. q = (t + 1/2) / 2^32, symmetric in (-1/2, 1/2), never 0; a uniform number is 2 q limit.
 * 4. Normal. The normal quantile at p = 1/2 + q by algorithm AS 241, PPND7 (M. J. Wichura, Applied Statistics
 *    37, 1988), which is good to about 1 part in 10^7. |q| <= 0.425 is the central fraction. Beyond it,
 *    r = sqrt(-log(1/2 - |q|)), where 1/2 - |q| = (2k + 1) / 2^33 for an integer k, and 2k + 1 = m 2^e with
 *    1 <= m < 2; log(m) = log(sqrt 2) + 2 (s + s^3/3 + s^5/5 + s^7/7 + s^9/9) with
 *    s = (m - sqrt 2) / (m + sqrt 2). r is at most 4.79, so that the fraction for r > 5 is never needed.
 *    The operations have the order of the code below.
 * 5. Each result is multiplied by the standard deviation or the limit in float64, then rounded to float32.
 *
 * Element i of a tensor is the i-th number of its stream, however the tensor is divided into chunks.
 */
export class RandomStream {
  private readonly state: Int32Array;

  constructor(seed: number, name: string) {
    const digest = sha256(new TextEncoder().encode(`${seed}\n${name}`));
    const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
    this.state = Int32Array.from({ length: 4 }, (_, i) => view.getInt32(4 * i, true));
  }

  /** Fills `out` with the next numbers of the normal distribution of mean 0. */
  fillNormal(out: Float32Array, standardDeviation: number): void {
    for (let start = 0; start < out.length; start += BLOCK) {
      const length = Math.min(BLOCK, out.length - start);
      const tailCount = drawWords(this.state, length);
      writeCentral(out, start, length, standardDeviation);
      writeTails(tailCount, out, start, standardDeviation);
    }
  }

  /** Fills `out` with the next numbers of the uniform distribution on (-limit, limit). */
  fillUniform(out: Float32Array, limit: number): void {
    for (let start = 0; start < out.length; start += BLOCK) {
      const length = Math.min(BLOCK, out.length - start);
      drawWords(this.state, length);
      for (let i = 0; i < length; i++) {
        out[start + i] = 2 * (((words[i] as number) + 0.5) * PER_WORD) * limit;
      }
    }
  }

  /**
   * Fills `out` with factors of a dropout: 0 with the probability `rate`, otherwise 1 / (1 - rate). A factor is 0 where the
   * upper 31 bits of its word are below rate 2^31 - 2^30. There is no branch: it would be mispredicted all the time.
   */
  fillFactors(out: Float32Array, rate: number): void {
    const bound = Math.round(rate * 2 ** 31 - 2 ** 30) | 0;
    const kept = 1 / (1 - rate);
    for (let start = 0; start < out.length; start += BLOCK) {
      const length = Math.min(BLOCK, out.length - start);
      drawWords(this.state, length);
      for (let i = 0; i < length; i++) {
        const isDropped = (((words[i] as number) >> 1) - bound) >>> 31;
        out[start + i] = kept - kept * isDropped;
      }
    }
  }
}

/**
 * Draws `length` words, and lists the positions of the words in a tail of the normal distribution. The list grows without
 * a branch: one in seven words is in a tail, and a mispredicted branch costs more than everything else.
 */
function drawWords(state: Int32Array, length: number): number {
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let counter = state[3] as number;
  let tailCount = 0;
  for (let i = 0; i < length; i++) {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    words[i] = t;
    tails[tailCount] = i;
    // t ^ (t >> 31) is t, or -1 - t for a negative t. What counts is the sign of the difference.
    tailCount += (CENTRAL - (t ^ (t >> 31))) >>> 31;
  }
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = counter;
  return tailCount;
}

/** The central fraction of PPND7 for all words; the tails are overwritten afterwards. */
function writeCentral(out: Float32Array, start: number, length: number, scale: number): void {
  for (let i = 0; i < length; i++) {
    const q = ((words[i] as number) + 0.5) * PER_WORD;
    const r = 0.180625 - q * q;
    const numerator = ((5.910937472e1 * r + 1.5929113202e2) * r + 5.0434271938e1) * r + 3.3871327179;
    const denominator = ((6.71875636e1 * r + 7.8757757664e1) * r + 1.7895169469e1) * r + 1;
    out[start + i] = q * (numerator / denominator) * scale;
  }
}

function writeTails(tailCount: number, out: Float32Array, start: number, scale: number): void {
  for (let j = 0; j < tailCount; j++) {
    const i = tails[j] as number;
    const t = words[i] as number;
    const sign = t >> 31;
    const k = 0x7fffffff - (t ^ sign);
    const e = 32 - Math.clz32(k);
    const m = (2 * k + 1) * (POWERS_OF_HALF[e] as number);
    const s = (m - Math.SQRT2) / (m + Math.SQRT2);
    const z = s * s;
    const log = (e - 32.5) * Math.LN2 + s * (2 + z * (2 / 3 + z * (2 / 5 + z * (2 / 7 + z * (2 / 9)))));
    const r = Math.sqrt(-log) - 1.6;
    const numerator = ((1.7023821103e-1 * r + 1.3067284816) * r + 2.75681539) * r + 1.4234372777;
    const denominator = (1.2021132975e-1 * r + 7.370016425e-1) * r + 1;
    out[start + i] = (1 + 2 * sign) * (numerator / denominator) * scale;
  }
}
