import { Failure } from '../../diagnostics/failure.js';
import { blankImage, type ImageSource, readCaseImage } from '../../view/read/case-image.js';
import { limitedContent } from '../../view/read/shown-content.js';
import type { ViewerContent } from '../../view/viewed-image.js';
import type { TabledMasks } from './case-masks.js';

/** What a page of a case shows. */
export interface CaseContent {
  readonly title: string;
  /** The image under the masks; all black when left out. */
  readonly image: ImageSource | undefined;
  /** The file of a mask, which says where the positions lie if there is no image. */
  readonly mask: ImageSource;
  readonly masks: TabledMasks;
  /** Before those of the image. */
  readonly facts?: readonly (readonly [string, string])[];
  readonly notes?: readonly string[];
}

/** An image with masks of the same size, reduced to what a browser holds. Fails for an image that cannot be read. */
export async function caseContent(source: CaseContent): Promise<ViewerContent | Failure> {
  const { title, masks, facts = [], notes = [] } = source;
  const read = source.image ? await readCaseImage(source.image) : await blankImage(source.mask);
  if (read instanceof Failure) return read;
  const missing = source.image ? [] : ['There is no image: only the masks are shown.'];
  return limitedContent(
    {
      ...{ title, image: read.image, masks: masks.masks, table: masks.table },
      facts: [...facts, ...read.facts],
      notes: [...notes, ...missing, ...masks.notes, ...read.notes],
    },
    source.image?.paths[0] ?? title,
  );
}
