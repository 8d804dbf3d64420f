/** Reads bits, the highest first. */
class Bits {
  #at = 0;
  #bit = 0;

  constructor(private readonly bytes: Uint8Array) {}

  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; ) {
      if (this.#at >= this.bytes.length) throw new RangeError('it is cut off');
      const taken = Math.min(8 - this.#bit, left);
      const part = ((this.bytes[this.#at] ?? 0) >> (8 - this.#bit - taken)) & ((1 << taken) - 1);
      value = value * 2 ** taken + part;
      this.#bit += taken;
      left -= taken;
      if (this.#bit === 8) {
        this.#bit = 0;
        this.#at++;
      }
    }
    return value;
  }

  /** Whether another stream of bzip2 begins with the next byte. */
  startsStream(): boolean {
    if (this.#bit > 0) {
      this.#bit = 0;
      this.#at++;
    }
    return (
      this.bytes[this.#at] === 0x42 && this.bytes[this.#at + 1] === 0x5a && this.bytes[this.#at + 2] === 0x68
    );
  }
}

/** A canonical prefix code of up to 20 bits. */
interface Code {
  /** Of each length: the first code's number, minus the index of its symbol. */
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
}

const BLOCK = 0x314159265359;
const END = 0x177245385090;
const GROUP = 50;

function codeOf(lengths: readonly number[]): Code {
  const limits = new Int32Array(22).fill(-1);
  const bases = new Int32Array(22);
  const symbols: number[] = [];
  let code = 0;
  for (let length = 1; length <= 20; length++) {
    bases[length] = symbols.length - code;
    for (const [symbol, one] of lengths.entries()) if (one === length) symbols.push(symbol);
    code += symbols.length - (code + (bases[length] ?? 0));
    limits[length] = code - 1;
    code *= 2;
  }
  return { limits, bases, symbols: Uint16Array.from(symbols) };
}

function readSymbol(bits: Bits, { limits, bases, symbols }: Code): number {
  let code = 0;
  for (let length = 1; length <= 20; length++) {
    code = code * 2 + bits.read(1);
    if (code <= (limits[length] ?? -1)) {
      const symbol = symbols[code + (bases[length] ?? 0)];
      if (symbol !== undefined) return symbol;
    }
  }
  throw new RangeError('a code is unknown');
}

function readCodes(bits: Bits, alphabet: number): { codes: Code[]; selectors: number[] } {
  const groups = bits.read(3);
  const count = bits.read(15);
  if (groups < 2 || groups > 6 || count < 1) throw new RangeError('its code tables are invalid');
  const recent = Array.from({ length: groups }, (_, i) => i);
  const selectors = Array.from({ length: count }, () => {
    let index = 0;
    while (bits.read(1) === 1) if (++index >= groups) throw new RangeError('a selector is invalid');
    const [selector = 0] = recent.splice(index, 1);
    recent.unshift(selector);
    return selector;
  });
  const codes = Array.from({ length: groups }, () => {
    let length = bits.read(5);
    return codeOf(
      Array.from({ length: alphabet }, () => {
        while (bits.read(1) === 1) length += bits.read(1) === 0 ? 1 : -1;
        if (length < 1 || length > 20) throw new RangeError('a code length is invalid');
        return length;
      }),
    );
  });
  return { codes, selectors };
}

/** The bytes that a block uses, in order: 16 groups of 16 bits. */
function readUsed(bits: Bits): number[] {
  const groups = bits.read(16);
  const used: number[] = [];
  for (let i = 0; i < 16; i++) {
    if (!(groups & (0x8000 >> i))) continue;
    const group = bits.read(16);
    for (let j = 0; j < 16; j++) if (group & (0x8000 >> j)) used.push(16 * i + j);
  }
  return used;
}

/** The last column of the sorted rotations of a block: move-to-front and runs undone. */
function readColumn(bits: Bits, size: number): Uint8Array {
  const used = readUsed(bits);
  const end = used.length + 1;
  const { codes, selectors } = readCodes(bits, used.length + 2);
  const column = new Uint8Array(size);
  let [filled, run, weight] = [0, 0, 1];
  for (let read = 0; ; read++) {
    const code = codes[selectors[Math.floor(read / GROUP)] ?? -1];
    if (code === undefined) throw new RangeError('its selectors end too early');
    const symbol = readSymbol(bits, code);
    if (symbol <= 1) {
      run += weight << symbol;
      weight *= 2;
      if (run > size) throw new RangeError('a run is too long');
      continue;
    }
    if (run > 0) {
      if (filled + run > size) throw new RangeError('a block is too long');
      column.fill(used[0] ?? 0, filled, filled + run);
      filled += run;
      [run, weight] = [0, 1];
    }
    if (symbol === end) return column.subarray(0, filled);
    const [byte = 0] = used.splice(symbol - 1, 1);
    used.unshift(byte);
    if (filled >= size) throw new RangeError('a block is too long');
    column[filled++] = byte;
  }
}

/** Undoes the sorting of rotations (Burrows and Wheeler). */
function unsorted(column: Uint8Array, origin: number): Uint8Array {
  if (origin >= column.length) throw new RangeError('its start is outside of a block');
  const starts = new Uint32Array(257);
  for (const byte of column) starts[byte + 1] = (starts[byte + 1] ?? 0) + 1;
  for (let i = 1; i <= 256; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  const next = new Uint32Array(column.length);
  for (const [i, byte] of column.entries()) {
    const rank = starts[byte] ?? 0;
    starts[byte] = rank + 1;
    next[rank] = i;
  }
  const result = new Uint8Array(column.length);
  for (let i = 0, at = next[origin] ?? 0; i < result.length; i++, at = next[at] ?? 0)
    result[i] = column[at] ?? 0;
  return result;
}

/** Four equal bytes are followed by how many more there are. Gives how much of `output` is filled. */
function unrun(bytes: Uint8Array, output: Uint8Array, filled: number): number {
  let equal = 0;
  let last = -1;
  for (const byte of bytes) {
    if (equal === 4) {
      output.fill(last, filled, filled + byte);
      filled += byte;
      equal = 0;
      last = -1;
      continue;
    }
    equal = byte === last ? equal + 1 : 1;
    last = byte;
    output[filled++] = byte;
  }
  return filled;
}

/** Decodes bzip2 to its first `most` bytes at most. */
export function decodeBzip2(bytes: Uint8Array, most: number): Uint8Array | { readonly reason: string } {
  const output = new Uint8Array(most);
  let filled = 0;
  const bits = new Bits(bytes);
  try {
    while (bits.startsStream()) {
      bits.read(24);
      const level = bits.read(8) - 48;
      if (level < 1 || level > 9) return { reason: 'its block size is invalid' };
      for (;;) {
        const mark = bits.read(48);
        bits.read(32);
        if (mark === END) break;
        if (mark !== BLOCK || bits.read(1) === 1) return { reason: 'a block is invalid' };
        const origin = bits.read(24);
        filled = unrun(unsorted(readColumn(bits, level * 100_000), origin), output, filled);
        if (filled >= most) return output;
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { reason: error.message };
  }
  return output.subarray(0, filled);
}
