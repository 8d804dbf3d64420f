import { Failure } from '../../diagnostics/failure.js';
import { valueOfCode } from '../coded-values.js';
import { PAGE_DATA, type PageChannel, type PageData } from '../page-data.js';
import type { ViewedImage, ViewerContent } from '../viewed-image.js';
import { htmlDocument } from './document.js';
import { embedArray } from './embed-array.js';
import { escapeHtml, scriptJson } from './escape.js';
import { factList } from './fact-list.js';
import { linkList, type PageLink } from './link-list.js';
import { niftiHeader } from './nifti-header.js';
import { pageScript } from './page-script.js';
import { type ReportSection, sectionsHtml } from './report-section.js';
import { pageStyle, reportStyle, tableStyle, viewerStyle } from './styles.js';
import { viewerPanel } from './viewer-panel.js';

/** The views of a volume: three planes and a picture in 3D, each of these alone, and slices as they are stored. */
function viewsOf({ geometry }: ViewedImage): readonly (readonly [string, string])[] {
  const planes = geometry
    ? (['Axial', 'Coronal', 'Sagittal'] as const)
    : (['Columns x rows', 'Columns x slices', 'Rows x slices'] as const);
  return [
    ['all', 'Planes and 3D'],
    ['axial', planes[0]],
    ['coronal', planes[1]],
    ['sagittal', planes[2]],
    ['render', '3D'],
    ['stored', 'Stored slices'],
  ];
}

const KEYS: readonly (readonly [string, string])[] = [
  ['+ -', 'zoom in and out; the mouse wheel and two fingers do the same'],
  ['0', 'show the whole image'],
  ['arrow keys', 'move the image; dragging does the same'],
  ['Shift with arrow keys', 'point at a position, and read its value'],
  ['Page Up, Page Down', 'the slice before and after; Shift with the mouse wheel does the same'],
  ['o', 'outlines on and off'],
  ['m', 'masks on and off'],
];

const VOLUME_KEYS: readonly (readonly [string, string])[] = [
  ['arrow keys', 'in the planes: move the crosshair left, right, forward and back; in 3D: turn the volume'],
  ['Page Up, Page Down', 'move the crosshair up and down'],
];

function keyList(keys: readonly (readonly [string, string])[]): string {
  return `<ul>${keys.map(([key, what]) => `<li><kbd>${key}</kbd> ${what}</li>`).join('')}</ul>`;
}

/** Sentences on what the numbers of the page are, compared to those of the file. */
function contentNotes({ image }: ViewerContent): string[] {
  const notes: string[] = [];
  const [slices, rows, columns] = image.reduction;
  if (slices * rows * columns > 1) {
    notes.push(
      `The image is reduced by ${slices} x ${rows} x ${columns} (slices x rows x columns): a shown position is the mean of so many stored ones, and its label the most frequent of theirs. It is named by the first of them. Shares of classes are those of the file.`,
    );
  }
  if (image.isBlank) return [...notes, countingNote(image)];
  const rounded = image.channels.filter(({ exact }) => !exact);
  const [first] = rounded;
  if (first !== undefined) {
    const steps = rounded.map(({ slope }) => Number(Math.abs(slope).toPrecision(3)));
    notes.push(`Values are rounded to 16 bits: steps of ${[...new Set(steps)].join(', ')}.`);
  } else if (slices * rows * columns === 1) notes.push('Values are exactly those of the file.');
  if (image.channels.some(({ hasGaps }) => hasGaps)) {
    notes.push('Values that are NaN or infinite are shown in black.');
  }
  const [channel] = image.channels;
  if (channel && !image.colour) {
    const [low, high] = [channel.low, channel.high].map((code) =>
      Number(valueOfCode(channel, code).toPrecision(5)),
    );
    notes.push(`At first, black is ${low} and white is ${high}: percentiles 0.5 and 99.5 of the values.`);
  }
  notes.push(countingNote(image));
  return notes;
}

function countingNote(image: ViewedImage): string {
  return image.kind === 'volume'
    ? 'Voxels are counted from 0, along the axes of the file.'
    : `Columns${image.size[0] > 1 ? ', rows and pages' : ' and rows'} are counted from 0.`;
}

function sliceTools({ size, kind }: ViewedImage): string {
  if (size[0] === 1) return '';
  const name = kind === 'volume' ? 'Slice' : 'Page';
  return [
    `<div class="slices"><label for="slice">${name}</label>`,
    `<button type="button" id="previous" aria-label="${name} before">&#8249;</button>`,
    `<input type="range" id="slice" min="0" max="${size[0] - 1}" value="0">`,
    `<button type="button" id="next" aria-label="${name} after">&#8250;</button>`,
    '<output id="slice-value" for="slice"></output></div>',
  ].join('');
}

const RADIOLOGICAL =
  '<label class="row"><input type="checkbox" id="radiological"><span>Radiological: the left side of the body at the right</span></label>';
const MASKS_ONLY =
  '<label class="row"><input type="checkbox" id="masks-only"><span>Masks alone in 3D</span></label>';

function stage(content: ViewerContent): string {
  const { image, masks, title } = content;
  const isVolume = image.kind === 'volume';
  const name = escapeHtml(title);
  const views = viewsOf(image).map(
    ([id, text]) => `<button type="button" data-view="${id}" aria-pressed="${id === 'all'}">${text}</button>`,
  );
  return [
    '<section class="stage" aria-label="Image">',
    isVolume ? `<div class="views" role="group" aria-label="View">${views.join('')}</div>` : '',
    '<div class="frame">',
    isVolume
      ? `<canvas id="volume" tabindex="0" role="application" aria-label="${name} in three planes and in 3D" aria-describedby="keys"></canvas>`
      : '',
    `<canvas id="plane" tabindex="0" role="application" aria-label="${name}" aria-describedby="keys"${isVolume ? ' hidden' : ''}></canvas>`,
    '<div class="scale" id="scale-bar" hidden><span id="scale-text"></span></div>',
    '<p class="message" id="message" role="status">The image is being decoded.</p>',
    '</div>',
    `<div class="tools" id="plane-tools"${isVolume ? ' hidden' : ''}><div class="group" role="group" aria-label="Zoom">`,
    '<button type="button" id="zoom-out" aria-label="Zoom out">&#8722;</button><output id="zoom">100 %</output>',
    '<button type="button" id="zoom-in" aria-label="Zoom in">+</button><button type="button" id="fit">Fit</button></div>',
    `${sliceTools(image)}</div>`,
    isVolume
      ? `<div class="tools" id="volume-tools">${image.geometry ? RADIOLOGICAL : ''}${masks.length > 0 ? MASKS_ONLY : ''}</div>`
      : '',
    `<p class="readout numbers" id="readout" role="status">Point at a ${isVolume ? 'voxel' : 'pixel'} to read its value.</p>`,
    '</section>',
  ].join('\n');
}

function pageChannel(
  image: ViewedImage,
  index: number,
): { readonly channel: PageChannel; readonly html: string } {
  const channel = image.channels[index];
  if (channel === undefined) throw new Error(`the image has no channel ${index}`);
  const { array, html } = embedArray(`channel-${index}`, channel.codes, true);
  const { name, slope, intercept, hasGaps, exact, low, high } = channel;
  const nifti =
    image.kind === 'volume' ? Buffer.from(niftiHeader(image, channel)).toString('base64') : undefined;
  return {
    channel: {
      ...{ name, codes: array, slope, intercept, hasGaps, exact, low, high },
      ...(nifti === undefined ? {} : { nifti }),
    },
    html,
  };
}

/** What stands on a page besides the viewer. */
export interface ViewerParts {
  /** Below the viewer, such as a table of metrics. */
  readonly sections?: readonly ReportSection[];
  /** Above it: to other pages. */
  readonly links?: readonly PageLink[];
}

/**
 * A page that shows an image with masks: one HTML file that needs no other and makes no request. Volumes bring niivue with
 * them. Fails if the installation lacks the page's script.
 */
export function viewerPage(
  content: ViewerContent,
  { sections = [], links = [] }: ViewerParts = {},
): string | Failure {
  const { image, masks, table, title } = content;
  const script = pageScript(image.kind === 'volume' ? 'view-volume' : 'view-planes');
  if (script instanceof Failure) return script;
  const tableScript = sections.length === 0 ? undefined : pageScript('view-table');
  if (tableScript instanceof Failure) return tableScript;
  const channels = image.channels.map((_, i) => pageChannel(image, i));
  const labels = masks.map((mask, i) => embedArray(`mask-data-${i}`, mask.labels, false));
  const data: PageData = {
    ...{ size: image.size, kind: image.kind, colour: image.colour, reduction: image.reduction },
    channels: channels.map(({ channel }) => channel),
    ...(image.spacing ? { spacing: image.spacing } : {}),
    ...(image.unit === undefined ? {} : { unit: image.unit }),
    isPlaced: image.geometry !== undefined,
    masks: masks.map(({ name, counts }, i) => {
      const embedded = labels[i];
      if (embedded === undefined) throw new Error('every mask is embedded');
      return { name, labels: embedded.array, counts };
    }),
    values: table.classes.map(({ value }) => value),
    names: table.classes.map(({ name }) => name ?? null),
    colours: table.classes.flatMap(({ colour }) => colour),
    objects: table.objects,
  };
  const notes = [...content.notes, ...contentNotes(content)];
  const body = [
    `<header>${linkList(links)}<h1>${escapeHtml(title)}</h1>${factList(content.facts)}</header>`,
    '<main class="viewer">',
    stage(content),
    `<section class="panel" aria-label="Settings">${viewerPanel(content)}</section>`,
    ...(sections.length === 0 ? [] : [`<div class="below">${sectionsHtml(sections)}</div>`]),
    '</main>',
    `<footer><ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`,
    `<details><summary>Keys</summary><div id="keys">${keyList(image.kind === 'volume' ? VOLUME_KEYS : [])}`,
    image.kind === 'volume' ? '<p>In the stored slices:</p>' : '',
    `${keyList(KEYS)}</div></details></footer>`,
    `<script type="application/json" id="${PAGE_DATA}">${scriptJson(data)}</script>`,
    ...channels.map(({ html }) => html),
    ...labels.map(({ html }) => html),
  ].join('\n');
  const more = tableScript === undefined ? [] : [tableScript];
  return htmlDocument({
    ...{ title, body, scripts: [script, ...more] },
    styles: [pageStyle, viewerStyle, ...(more.length > 0 ? [tableStyle, reportStyle] : [])],
  });
}
