import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import type { RandomAccess } from '../../weights/random-access.js';

/**
 * Files that are read piece by piece, on demand. Only one of them is open at a time, so a model may have thousands of
 * shards.
 */
export class OpenFiles {
  private open: { readonly path: string; readonly descriptor: number } | undefined;

  /** The bytes of a file. Fails if it does not exist, or is a folder, a pipe or a device. */
  access(path: string): RandomAccess | Failure {
    try {
      const stats = statSync(path);
      if (stats.isDirectory()) return failure('file-unreadable', { path, cause: 'EISDIR' });
      if (!stats.isFile()) return failure('file-unreadable', { path, cause: 'not-a-file' });
      // Opening it once now detects a file that may not be read.
      this.descriptorOf(path);
      return { size: stats.size, read: (offset, length) => this.read(path, offset, length) };
    } catch (error) {
      return fileFailure('read', path, error);
    }
  }

  close(): void {
    if (this.open) closeSync(this.open.descriptor);
    this.open = undefined;
  }

  private read(path: string, offset: number, length: number): Uint8Array {
    const descriptor = this.descriptorOf(path);
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const count = readSync(descriptor, bytes, done, length - done, offset + done);
      if (count === 0) throw new Error(`${path} became shorter while it was read`);
      done += count;
    }
    return bytes;
  }

  private descriptorOf(path: string): number {
    if (this.open?.path === path) return this.open.descriptor;
    this.close();
    this.open = { path, descriptor: openSync(path, 'r') };
    return this.open.descriptor;
  }
}
