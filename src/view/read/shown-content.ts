import { type Failure, failure } from '../../diagnostics/failure.js';
import type { ImageArray } from '../../images/read-image.js';
import { shapeText } from '../../runtime/tensor.js';
import { factorsFor, reducedContent } from '../reduce.js';
import type { ViewedImage, ViewerContent } from '../viewed-image.js';

/** What a browser holds and draws without effort: positions of all channels of planes, and of a volume. */
const MOST_PLANE_POSITIONS = 2 ** 26;
const MOST_VOXELS = 2 ** 24;
/** Planes that are reduced more than this would show nothing. */
const MOST_REDUCTION = 16;

/** The content, reduced to what a browser holds. Fails for planes that no page can hold. */
export function limitedContent(content: ViewerContent, path: string): ViewerContent | Failure {
  const { image } = content;
  const limit = image.kind === 'volume' ? MOST_VOXELS : MOST_PLANE_POSITIONS / image.channels.length;
  const factors = factorsFor(image, limit);
  if (image.kind === 'planes' && factors[1] > MOST_REDUCTION) {
    return failure('view-too-large', { path, size: image.size, limit: MOST_PLANE_POSITIONS });
  }
  return reducedContent(content, factors);
}

/** Names and values that stand below the title of a page. */
export function factsOf({ header, layout }: ImageArray, image: ViewedImage): (readonly [string, string])[] {
  const [slices, rows, columns] = image.size;
  const size = image.kind === 'volume' || slices > 1 ? [slices, rows, columns] : [rows, columns];
  const facts: (readonly [string, string])[] = [
    ['Format', header.format],
    ['Size', shapeText(size)],
    ['Type', `${header.type}${layout.samples > 1 ? `, ${layout.samples} channels` : ''}`],
  ];
  if (image.spacing) {
    const along = image.kind === 'volume' ? image.spacing : image.spacing.slice(1);
    const numbers = along.map((one) => Number(one.toPrecision(4)));
    facts.push(['Spacing', `${shapeText(numbers)} ${image.unit ?? ''}`.trim()]);
  }
  const { orientation } = image.geometry ?? {};
  if (orientation) facts.push(['Orientation', orientation]);
  return facts;
}
