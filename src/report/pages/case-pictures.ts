import { escapeHtml } from '../../view/html/escape.js';
import { linkHtml } from '../../view/html/link-list.js';
import { figure, figureRow } from '../../view/html/report-page.js';
import { type MaskDrawing, overlayPicture } from '../../view/pictures/overlay-picture.js';
import { volumePictures } from '../../view/pictures/volume-pictures.js';
import type { ViewerContent } from '../../view/viewed-image.js';

/** Pixels of the longer side of a picture. */
const MOST = 300;

/** Over black, fills are dark where they are transparent. */
function opacityOf({ image }: ViewerContent) {
  return image.isBlank ? { opacity: 0.85 } : {};
}

/** Truth, prediction and their differences; of a volume, the differences in three planes. */
function differenceFigures(content: ViewerContent): readonly string[] {
  const { title, image } = content;
  if (image.kind === 'volume') {
    return volumePictures(content, { most: MOST, differences: true, ...opacityOf(content) }).map((picture) =>
      figure(
        picture,
        `${picture.plane} ${picture.index}`,
        `${title}, ${picture.plane} ${picture.index}: in what truth and prediction differ`,
      ),
    );
  }
  const one = (name: string, drawings: readonly MaskDrawing[]) =>
    figure(
      overlayPicture(content, { most: MOST, drawings, ...opacityOf(content) }),
      name,
      `${title}: the ${name}`,
    );
  return [
    one('truth', ['both', 'hidden']),
    one('prediction', ['hidden', 'both']),
    figure(
      overlayPicture(content, { most: MOST, differences: true, ...opacityOf(content) }),
      'differences',
      `${title}: in what truth and prediction differ`,
    ),
  ];
}

/** The only mask over the image; of a volume, in three planes. */
function maskFigures(content: ViewerContent): readonly string[] {
  const { title, image } = content;
  if (image.kind === 'volume') {
    return volumePictures(content, { most: MOST }).map((picture) =>
      figure(
        picture,
        `${picture.plane} ${picture.index}`,
        `${title}, ${picture.plane} ${picture.index}, with its labels`,
      ),
    );
  }
  return [figure(overlayPicture(content, { most: MOST }), '', `${title} with its labels`)];
}

/** The pictures of a case below its name, which leads to its page. */
export function caseFigures(content: ViewerContent, href: string | undefined, caption: string): string {
  const { title, masks } = content;
  const name = href === undefined ? escapeHtml(title) : linkHtml({ text: title, href });
  const figures = masks.length > 1 ? differenceFigures(content) : maskFigures(content);
  const note = caption === '' ? '' : ` <span class="share">${escapeHtml(caption)}</span>`;
  return `<div class="case"><h3>${name}${note}</h3>${figureRow(figures)}</div>`;
}
