import { Failure } from '../../diagnostics/failure.js';
import { DIFFERENCES, differenceNames, hexColour } from '../colours.js';
import type { PngPicture } from '../pictures/overlay-picture.js';
import type { ClassTable } from '../viewed-image.js';
import { htmlDocument } from './document.js';
import { escapeHtml } from './escape.js';
import { factList } from './fact-list.js';
import { pageScript } from './page-script.js';
import { type ReportSection, sectionsHtml } from './report-section.js';
import { pageStyle, reportStyle, tableStyle } from './styles.js';

export interface ReportPage {
  readonly title: string;
  /** Names and values that stand below the title. */
  readonly facts: readonly (readonly [string, string])[];
  readonly sections: readonly ReportSection[];
  /** Sentences at the end. */
  readonly notes: readonly string[];
}

/** A picture with a text below it, if there is one, and another for readers who do not see it. */
export function figure(picture: PngPicture, caption: string, description: string): string {
  return (
    `<figure><img src="${picture.uri}" width="${picture.width}" height="${picture.height}" ` +
    `alt="${escapeHtml(description)}">${caption === '' ? '' : `<figcaption>${escapeHtml(caption)}</figcaption>`}</figure>`
  );
}

/** Figures side by side, as many as there is room for. */
export function figureRow(figures: readonly string[]): string {
  return `<div class="figures">${figures.join('')}</div>`;
}

/** The colours of a table's classes with their values and names. */
export function classLegend({ classes, objects }: ClassTable): string {
  if (objects) return '<p class="note">Each object has a colour; the colours repeat.</p>';
  const items = classes.slice(1).map(({ value, name, colour }) => {
    const text =
      name === undefined ? `class ${escapeHtml(value)}` : `${escapeHtml(value)} ${escapeHtml(name)}`;
    return `<li>${swatch(hexColour(colour))}<span>${text}</span></li>`;
  });
  return `<ul class="key">${items.join('')}</ul>`;
}

/** The colours of pictures that show in what two masks differ, with the names of the masks. */
export function differenceLegend(first: string, second: string, objects = false): string {
  const names = differenceNames([first, second], objects);
  const items = DIFFERENCES.slice(1).map(
    ({ colour }, i) => `<li>${swatch(hexColour(colour))}<span>${escapeHtml(names[i + 1] ?? '')}</span></li>`,
  );
  return `<ul class="key">${items.join('')}</ul>`;
}

/** A small square of a colour: an SVG, because the policy of pages allows no style attributes. */
export function swatch(colour: string): string {
  return `<svg class="swatch" aria-hidden="true"><rect width="100%" height="100%" fill="${colour}"/></svg>`;
}

/**
 * A report as one HTML file that needs no other, with tables that can be sorted and filtered. Fails if the installation
 * lacks the script of the tables.
 */
export function reportPage({ title, facts, sections, notes }: ReportPage): string | Failure {
  const script = pageScript('view-table');
  if (script instanceof Failure) return script;
  const body = [
    `<header><h1>${escapeHtml(title)}</h1>${factList(facts)}</header>`,
    '<main>',
    sectionsHtml(sections),
    '</main>',
    `<footer><ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul></footer>`,
  ].join('\n');
  return htmlDocument({ title, styles: [pageStyle, tableStyle, reportStyle], body, scripts: [script] });
}
