import { Failure, fileFailure } from '../diagnostics/failure.js';
import type { OpenedArray } from './open-array.js';
import { readArray, readHeader, withOpened } from './read.js';
import type { ArrayHeader, ReadOptions, StoredArray } from './stored-array.js';

/** How callers read files, so that one that needs a file twice can keep it open. */
export interface FileReader {
  readonly header: (path: string, options?: ReadOptions) => Promise<ArrayHeader | Failure>;
  readonly array: (path: string, options?: ReadOptions) => Promise<StoredArray | Failure>;
}

/** Opens a file each time. */
export const eachTime: FileReader = { header: readHeader, array: readArray };

/** Files that stay open after their header was read, for a reader that needs their elements next. */
export class OpenedFiles implements FileReader {
  private readonly files = new Map<string, Promise<OpenedArray | Failure>>();
  private readonly ends: Promise<unknown>[] = [];
  private readonly closing: Promise<void>;
  private close: () => void = () => undefined;

  private constructor() {
    this.closing = new Promise((resolve) => {
      this.close = resolve;
    });
  }

  /** Runs `use`, and closes all files that it opened. */
  static async during<T>(use: (files: OpenedFiles) => Promise<T>): Promise<T> {
    const files = new OpenedFiles();
    try {
      return await use(files);
    } finally {
      files.close();
      await Promise.all(files.ends);
    }
  }

  /** The file, which stays open. */
  opened(path: string, options: ReadOptions = {}): Promise<OpenedArray | Failure> {
    const key = `${path}\0${options.page ?? ''}\0${options.array ?? ''}`;
    const known = this.files.get(key);
    if (known) return known;
    const opened = new Promise<OpenedArray | Failure>((resolve, reject) => {
      const use = async (file: OpenedArray) => {
        resolve(file);
        await this.closing;
      };
      const end = withOpened(path, options, use).then((result) => {
        if (result instanceof Failure) resolve(result);
      }, reject);
      this.ends.push(end);
    });
    this.files.set(key, opened);
    return opened;
  }

  readonly header: FileReader['header'] = async (path, options = {}) => {
    const opened = await this.opened(path, options);
    return opened instanceof Failure ? opened : opened.header;
  };

  readonly array: FileReader['array'] = async (path, options = {}) => {
    const opened = await this.opened(path, options);
    if (opened instanceof Failure) return opened;
    try {
      const data = await opened.read();
      return data instanceof Failure ? data : { header: opened.header, data };
    } catch (error) {
      return fileFailure('read', path, error);
    }
  };
}
