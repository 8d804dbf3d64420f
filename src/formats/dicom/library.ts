import { closeSync, copyFileSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Failure, failure, fileFailure, reasonOf } from '../../diagnostics/failure.js';
import { findPackage, searchFolders } from '../../runtime/files/packages.js';
import type { DicomImage } from './image.js';

export const DICOM_PACKAGE = '@itk-wasm/dicom';

/** What of the package is used. */
interface Library {
  readImageDicomFileSeriesNode(options: {
    readonly inputImages: readonly string[];
    readonly singleSortedSeries: boolean;
  }): Promise<{ readonly outputImage: DecodedImage | undefined }>;
}

/** An image as ITK has it: sizes and places are x first. */
export interface DecodedImage {
  readonly imageType: { readonly components: number };
  readonly size: readonly number[];
  readonly origin: readonly number[];
  readonly data: unknown;
}

/** The failure of DICOM without its package; undefined where the package is installed. */
export function dicomPackageMissing(path: string): Failure | undefined {
  if (findPackage(DICOM_PACKAGE, searchFolders()) !== undefined) return undefined;
  const command = `npm install ${DICOM_PACKAGE}`;
  return failure('package-missing', { path, format: 'DICOM', package: DICOM_PACKAGE, command });
}

let loaded: Promise<Library> | undefined;

async function load(): Promise<Library> {
  const found = findPackage(DICOM_PACKAGE, searchFolders());
  if (found === undefined) throw new Error(`${DICOM_PACKAGE} is not installed`);
  // The package has no entry for `require`, so it is resolved as from a file beside it and imported.
  const entry = createRequire(join(found.folder, '..', '..', '..', 'package.json')).resolve(DICOM_PACKAGE);
  const module: unknown = await import(pathToFileURL(entry).href);
  // The package's declarations say so; without the function, the call below throws.
  return module as Library;
}

/**
 * Decodes the pixels of files, which are slices of one volume in their order, or one file of several frames. The numbers
 * are those of the files: slopes and intercepts, which the library would apply to some kinds of images and not to
 * others, and white as 0, for which it would invert them, are taken out of copies.
 */
export async function decodePixels(
  path: string,
  images: readonly DicomImage[],
): Promise<DecodedImage | Failure> {
  const format = 'DICOM';
  let copies: string | undefined;
  try {
    const files: string[] = [];
    for (const [i, image] of images.entries()) {
      const isChanged = image.whiteIsZero || image.frames.some(({ rescale }) => rescale !== undefined);
      if (!isChanged) files.push(resolve(image.path));
      else if (image.changing === undefined) {
        const compression = 'deflate, with a slope or white as 0';
        return failure('compression-unread', { path: image.path, format, compression });
      } else {
        copies ??= mkdtempSync(join(tmpdir(), 'unet-dicom-'));
        files.push(unscaledCopy(image, join(copies, `${i}${extname(image.path)}`)));
      }
    }
    loaded ??= load();
    const { readImageDicomFileSeriesNode } = await loaded;
    const { outputImage } = await readImageDicomFileSeriesNode({
      inputImages: files,
      singleSortedSeries: true,
    });
    if (outputImage) return outputImage;
    return failure('elements-damaged', { path, format, reason: `${DICOM_PACKAGE} returned no image` });
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'syscall' in error) {
      return fileFailure('read', path, error);
    }
    return failure('elements-damaged', { path, format, reason: reasonOf(error) });
  } finally {
    if (copies !== undefined) rmSync(copies, { recursive: true, force: true });
  }
}

/** A copy of a file with slope 1, intercept 0 and black as 0, written over the texts of the others. */
function unscaledCopy({ path, changing = [] }: DicomImage, copy: string): string {
  copyFileSync(path, copy);
  const descriptor = openSync(copy, 'r+');
  try {
    for (const { offset, length, neutral } of changing) {
      writeSync(descriptor, Buffer.from(neutral.padEnd(length)), 0, length, offset);
    }
  } finally {
    closeSync(descriptor);
  }
  return copy;
}
