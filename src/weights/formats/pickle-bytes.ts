/** Why a pickle cannot be read. Thrown inside this folder only. */
export class PickleDamage extends Error {}

/** Whole numbers of more bytes exceed the largest number. */
const LONGEST_NUMBER = 136;

/** The bytes of a pickle, read from the beginning. Numbers are little-endian unless noted. */
export class PickleBytes {
  private readonly view: DataView;
  /** The offset of the next byte. */
  position = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(length: number): Uint8Array {
    const start = this.move(length);
    return this.bytes.subarray(start, start + length);
  }

  text(length: number): string {
    return new TextDecoder().decode(this.take(length));
  }

  /** The text up to the end of the line. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0) throw this.cutOff();
    const text = this.text(end - this.position);
    this.position = end + 1;
    return text;
  }

  /** A whole number from 0 of 1, 2 or 4 bytes. */
  number(size: 1 | 2 | 4): number {
    const start = this.move(size);
    if (size === 1) return this.view.getUint8(start);
    return size === 2 ? this.view.getUint16(start, true) : this.view.getUint32(start, true);
  }

  /** A length of 8 bytes. */
  length(): number {
    const length = this.view.getBigUint64(this.move(8), true);
    if (length > BigInt(this.bytes.length)) throw this.cutOff();
    return Number(length);
  }

  /** A real number of 8 bytes, big-endian. */
  real(): number {
    return this.view.getFloat64(this.move(8));
  }

  /** A whole number of `size` bytes in two's complement; rounded if it exceeds the precision of a number. */
  long(size: number): number {
    const bytes = this.take(size);
    // No number needs as many bytes as this.
    if (size > LONGEST_NUMBER) return (bytes[size - 1] ?? 0) < 0x80 ? Infinity : -Infinity;
    const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).reverse();
    return digits.length === 0 ? 0 : Number(BigInt.asIntN(8 * size, BigInt(`0x${digits.join('')}`)));
  }

  private move(length: number): number {
    const start = this.position;
    if (start + length > this.bytes.length) throw this.cutOff();
    this.position += length;
    return start;
  }

  private cutOff(): PickleDamage {
    return new PickleDamage(`the end of the pickle at byte ${this.bytes.length}`);
  }
}
