import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { formatByName } from '../format-of.js';

/** Left by systems; and the index of a disk, which begins as an image does. */
const NOT_SLICES = /^\.|^(thumbs\.db|desktop\.ini|dicomdir)$/i;

const DOCUMENT = /\.(json|xml|txt|md|csv|tsv|html?|pdf)$/i;

/** So many files are looked at before a folder is one of something else. */
const MOST_TRIED = 4;

/** Whether a file begins as DICOM does, whatever its name is. */
export function beginsAsDicom(path: string): boolean {
  const bytes = new Uint8Array(4);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const count = readSync(descriptor, bytes, 0, 4, 128);
    return count === 4 && Buffer.from(bytes).toString('latin1') === 'DICM';
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function names(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !NOT_SLICES.test(entry.name) && !DOCUMENT.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

/** Whether a folder holds DICOM files and no images of other formats. */
export function isDicomFolder(path: string): boolean {
  try {
    const all = names(path);
    const formats = all.map(formatByName);
    if (formats.some((format) => typeof format === 'string' && format !== 'DICOM')) return false;
    return all.slice(0, MOST_TRIED).some((name) => beginsAsDicom(join(path, name)));
  } catch {
    return false;
  }
}

/** The DICOM files of a folder, in the order of their names. Fails for a file of another kind among them. */
export function dicomFiles(folder: string): readonly string[] | Failure {
  try {
    const paths = names(folder).map((name) => join(folder, name));
    const other = paths.find((path) => !beginsAsDicom(path));
    if (other === undefined) return paths;
    return failure('series-unread', { path: folder, problem: { case: 'other-file', other } });
  } catch (error) {
    return fileFailure('read', folder, error);
  }
}
