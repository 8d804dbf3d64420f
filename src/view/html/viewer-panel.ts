import { DIFFERENCES, differenceNames, hexColour } from '../colours.js';
import type { ViewerContent } from '../viewed-image.js';
import { escapeHtml } from './escape.js';

const STYLES = [
  ['both', 'fill and outline'],
  ['fill', 'fill'],
  ['outline', 'outline'],
  ['hidden', 'hidden'],
] as const;

function options(names: readonly string[], selected = 0): string {
  return names
    .map((name, i) => `<option${i === selected ? ' selected' : ''}>${escapeHtml(name)}</option>`)
    .join('');
}

function slider(id: string, name: string, attributes = ''): string {
  return (
    `<div class="field"><label for="${id}">${name}</label><output id="${id}-value" for="${id}"></output>` +
    `<input type="range" id="${id}" ${attributes}></div>`
  );
}

function windowFields({ image }: ViewerContent): string {
  const channels = image.channels.map(({ name }) => name);
  return [
    // Without an image, the fields are there for the script alone.
    `<fieldset${image.isBlank ? ' hidden' : ''}><legend>Intensity window</legend>`,
    !image.colour && channels.length > 1
      ? `<div class="row"><label for="channel">Channel</label><select id="channel">${options(channels)}</select></div>`
      : '',
    '<canvas class="histogram" id="histogram" role="img" aria-label="How often each intensity occurs"></canvas>',
    slider('low', 'Black at'),
    slider('high', 'White at'),
    '<div><button type="button" id="window-start">Reset window</button></div>',
    '</fieldset>',
  ].join('');
}

function maskFields({ masks, table }: ViewerContent): string {
  if (masks.length === 0) return '';
  const rows = masks.map(({ name }, i) => {
    const choices = STYLES.map(([value, text]) => `<option value="${value}">${text}</option>`).join('');
    return (
      `<div class="row"><label for="mask-${i}">${escapeHtml(name)}</label>` +
      `<select id="mask-${i}" data-mask>${choices}</select></div>`
    );
  });
  const names = masks.map(({ name }) => name);
  const comparison =
    masks.length < 2
      ? ''
      : [
          '<div class="row"><label for="mode">Show</label><select id="mode">',
          `<option value="classes">${table.objects ? 'objects' : 'classes'}</option>`,
          '<option value="differences">differences</option></select></div>',
          // With two masks there is only one pair.
          `<div class="pair"${masks.length === 2 ? ' hidden' : ''}>`,
          `<div class="row"><label for="first">First</label><select id="first">${options(names, 0)}</select></div>`,
          `<div class="row"><label for="second">Second</label><select id="second">${options(names, 1)}</select></div>`,
          '</div>',
        ].join('');
  return [
    `<fieldset><legend>${masks.length === 1 ? 'Mask' : 'Masks'}</legend>`,
    ...rows,
    slider('opacity', 'Opacity of fills', 'min="0" max="100" step="5"'),
    comparison,
    '</fieldset>',
  ].join('');
}

function legendRow(data: string, name: string, colour: string | undefined, count: string): string {
  // An SVG, because the page's policy allows no style attributes.
  const swatch =
    colour === undefined
      ? ''
      : `<svg class="swatch" aria-hidden="true"><rect width="100%" height="100%" fill="${colour}"/></svg>`;
  return (
    `<li><label><input type="checkbox" checked ${data}>${swatch}<span class="name">${name}</span>` +
    `<span class="count numbers"${count.startsWith('id:') ? ` id="${count.slice(3)}"></span>` : `>${count}</span>`}</label></li>`
  );
}

/** A rare class has two digits that count, so that it does not look like none. */
function shareText(percent: number): string {
  return `${percent > 0 && percent < 1 ? Number(percent.toPrecision(2)) : percent.toFixed(1)} %`;
}

function classList({ masks, table }: ViewerContent): string {
  if (masks.length === 0) return '';
  const { classes, objects } = table;
  if (objects) {
    const found = masks.map(({ counts }) => counts.filter((count, i) => i > 0 && count > 0).length);
    const text = found.map((count) => count.toLocaleString('en')).join(' / ');
    return `<fieldset id="classes"><legend>Objects</legend><ul class="legend">${legendRow('data-class="all"', 'all objects', undefined, text)}</ul><p class="note">Each value above 0 is an object. Neighbours in number have different colours, which repeat.</p></fieldset>`;
  }
  const rows = classes.flatMap(({ value, name, colour }, i) => {
    if (i === 0) return [];
    const title = `${escapeHtml(value)}${name === undefined ? '' : ` ${escapeHtml(name)}`}`;
    const shares = masks.map(({ counts }) => {
      const total = counts.reduce((sum, count) => sum + count, 0);
      return shareText((100 * (counts[i] ?? 0)) / total);
    });
    return [legendRow(`data-class="${i}"`, title, hexColour(colour), shares.join(' / '))];
  });
  const none = rows.length === 0 ? '<p class="note">The masks have only background (0).</p>' : '';
  const which =
    masks.length > 1
      ? `<p class="note">Shares of ${masks.map(({ name }) => escapeHtml(name)).join(' / ')}</p>`
      : '';
  return `<fieldset id="classes"><legend>Classes</legend><ul class="legend">${rows.join('')}</ul>${none}${which}</fieldset>`;
}

function differenceList({ masks, table }: ViewerContent): string {
  if (masks.length < 2) return '';
  const names = differenceNames(
    masks.map(({ name }) => name),
    table.objects,
  ).map(escapeHtml);
  const rows = DIFFERENCES.flatMap(({ colour }, i) =>
    i === 0
      ? []
      : [legendRow(`data-difference="${i}"`, names[i] ?? '', hexColour(colour), `id:difference-${i}`)],
  );
  return `<fieldset id="differences" hidden><legend>Differences</legend><ul class="legend">${rows.join('')}</ul><p class="note">Shares of all positions that either mask labels.</p></fieldset>`;
}

/** The fields beside the image: its window, the masks and their classes. */
export function viewerPanel(content: ViewerContent): string {
  return [windowFields(content), maskFields(content), classList(content), differenceList(content)].join('\n');
}
