import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib';
import { reasonOf } from '../../diagnostics/failure.js';
import type { InflateProblem, Wrapper } from '../inflate.js';
import type { ByteSource } from '../source.js';

/** So many compressed bytes are inflated at once: to at most 64 MB. */
const STEP = 2 ** 16;

/** What may follow the elements. */
const TRAILER = 2 ** 20;

/**
 * The bytes of a compressed part of a file, read from the front to the back, so that they never have to be in memory as a
 * whole. A read that goes back starts again at the first byte.
 */
export class ForwardInflate {
  private stream: Gunzip | Inflate | undefined;
  private problem: string | undefined;
  private isEnded = false;
  /** Where the next compressed bytes are in the file. */
  private next = 0;
  /** Inflated bytes that were not taken, and where the first of them is. */
  private held: Uint8Array[] = [];
  private at = 0;
  private end = 0;
  /** One read waits for the one before. */
  private last: Promise<unknown> = Promise.resolve();

  /**
   * @param start where the stream begins in the file, which ends with it
   * @param total how many inflated bytes are of interest: who reads the last of them learns whether the stream is whole
   */
  constructor(
    private readonly source: ByteSource,
    private readonly start: number,
    private readonly wrapper: Exclude<Wrapper, 'raw'>,
    private readonly total: number,
  ) {}

  /** `length` inflated bytes from `offset` on; fewer where the stream ends. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer> | InflateProblem> {
    const result = this.last.then(() => this.readNow(offset, length));
    this.last = result;
    return result;
  }

  private async readNow(offset: number, length: number): Promise<Uint8Array<ArrayBuffer> | InflateProblem> {
    if (this.stream === undefined || offset < this.at) this.restart();
    const bytes = new Uint8Array(length);
    let filled = 0;
    for (;;) {
      filled += this.take(bytes, filled, offset);
      if (filled === length || this.problem !== undefined || this.isEnded) break;
      await this.step();
    }
    const isLast = offset + length >= this.total;
    while (isLast && this.problem === undefined && !this.isEnded) {
      if (this.end > this.total + TRAILER) return { reason: 'the stream goes on after the last element' };
      this.held = [];
      this.at = this.end;
      await this.step();
    }
    if ((isLast || filled < length) && this.problem !== undefined) return { reason: this.problem };
    return filled === length ? bytes : bytes.slice(0, filled);
  }

  private restart(): void {
    this.stream?.destroy();
    const stream = this.wrapper === 'gzip' ? createGunzip() : createInflate();
    this.stream = stream;
    [this.next, this.held, this.at, this.end] = [this.start, [], 0, 0];
    [this.problem, this.isEnded] = [undefined, false];
    stream.on('data', (bytes: Uint8Array) => {
      this.held.push(bytes);
      this.end += bytes.length;
    });
    // Before its last compressed byte, where something else follows the stream.
    stream.on('end', () => {
      this.isEnded = true;
    });
    stream.on('error', (error) => {
      this.problem ??= reasonOf(error);
    });
  }

  /** Copies held bytes to `target` from `filled` on, and drops what lies before `offset`. Returns how many were copied. */
  private take(target: Uint8Array, filled: number, offset: number): number {
    let count = 0;
    for (;;) {
      const [first] = this.held;
      const wanted = offset + filled + count;
      if (first === undefined || filled + count === target.length) return count;
      const skipped = Math.min(first.length, wanted - this.at);
      const copied = Math.min(first.length - skipped, target.length - filled - count);
      target.set(first.subarray(skipped, skipped + copied), filled + count);
      count += copied;
      this.at += skipped + copied;
      if (skipped + copied === first.length) this.held.shift();
      else this.held[0] = first.subarray(skipped + copied);
    }
  }

  /** Inflates the next compressed bytes, and waits until all that they become is held. */
  private step(): Promise<void> {
    const { stream } = this;
    const bytes = this.source.read(this.next, STEP);
    this.next += bytes.length;
    return new Promise((resolve) => {
      if (stream === undefined) return resolve();
      const done = () => {
        stream.off('error', done);
        resolve();
      };
      stream.once('error', done);
      if (bytes.length > 0) stream.write(bytes, done);
      else {
        stream.once('end', done);
        stream.end();
      }
    });
  }
}
