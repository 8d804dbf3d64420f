import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { fileStem, formatByName, formatOf } from '../../formats/format-of.js';
import { isFolder } from '../../runtime/files/folders.js';

/** A file, or several that are one: a header beside its voxels, a folder of chunks. */
export interface Item {
  readonly path: string;
  /** Inside its folder. */
  readonly name: string;
  /** The name without its ending. */
  readonly stem: string;
  /** Documents are texts that often lie beside images: they count only where an image or a mask is missing. */
  readonly kind: 'data' | 'unread' | 'document';
}

export interface Folder {
  readonly path: string;
  /** In the order of their names' code units, the same on every machine. */
  readonly items: readonly Item[];
  /** The names of the folders inside. */
  readonly folders: readonly string[];
}

const DOCUMENT =
  /\.(json|xml|txt|md|rst|csv|tsv|ya?ml|html?|log|ini|cfg|py|m|sh|xlsx?|docx?|ijm|bvec|bval)$|^(readme|license|licence|changes|participants|citation)\b/i;

/** Left by systems and programs. */
const LEFTOVER = /^(\.|~\$)|^(thumbs\.db|desktop\.ini|__macosx|icon\r)$/i;

/** The elements that a header names: they are part of it. */
const DETACHED = /\.(raw|zraw|dat|bin|img)(\.(gz|bz2))?$/i;

const FOLDER_FORMAT = /\.zarr$/i;

function kindOf(name: string): Item['kind'] {
  if (DOCUMENT.test(name)) return 'document';
  return typeof formatByName(name) === 'string' ? 'data' : 'unread';
}

/** Names without those that are part of another: x.img beside x.hdr, x.raw beside x.mhd. */
function wholeNames(names: readonly string[]): readonly string[] {
  const all = new Set(names.map((name) => name.toLowerCase()));
  const isPart = (name: string) => {
    const ending = DETACHED.exec(name);
    if (ending === null) return false;
    const stem = name.slice(0, ending.index).toLowerCase();
    return ['.hdr', '.hdr.gz', '.mhd', '.nhdr'].some((header) => all.has(stem + header));
  };
  return names.filter((name) => !isPart(name));
}

/** Lists a folder without what is inside its folders. Reads no file. */
export function listFolder(path: string): Folder | Failure {
  const folders: string[] = [];
  const names: string[] = [];
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const { name } = entry;
      if (LEFTOVER.test(name)) continue;
      const holds = entry.isDirectory() || (entry.isSymbolicLink() && isFolder(join(path, name)));
      (holds && !FOLDER_FORMAT.test(name) ? folders : names).push(name);
    }
  } catch (error) {
    return fileFailure('read', path, error);
  }
  const items = wholeNames(names.sort()).map((name): Item => {
    const kind = kindOf(name);
    return { path: join(path, name), name, stem: stemIn(name).normalize('NFC'), kind };
  });
  return { path, items, folders: folders.sort() };
}

/** Unlike stemOf, also takes off endings that are not known: the file may be a partner that is not read. */
function stemIn(name: string): string {
  if (formatByName(name) !== undefined) return fileStem(name);
  return /^\.\w*[a-z]\w*$/i.test(extname(name)) ? fileStem(name) : name;
}

/** The first bytes of a file, enough for every signature; none where it cannot be read. */
function firstBytes(path: string): Uint8Array {
  const bytes = new Uint8Array(352);
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
  } catch {
    return bytes.subarray(0, 0);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Says of a file that it is not read, and how to save it instead. */
export function unreadFailure(path: string): Failure {
  const format = formatOf(path, firstBytes(path));
  if (typeof format !== 'string') {
    return failure('format-unread', { path, format: format.unread, saveAs: format.saveAs });
  }
  const saveAs = 'a file with the ending of its format';
  return failure('format-unread', { path, format: `${format} under another ending`, saveAs });
}
