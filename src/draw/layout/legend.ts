import type { JoinKind, UPicture } from '../picture.js';
import type { Arrow, Embedding } from '../picture-parts.js';
import { wrapText } from '../svg/text-metrics.js';
import { type LineStyle, moved, type SceneItem } from './scene.js';

/** The dash pattern of each arrow and the entries of the legend, in the order of first occurrence. */
export class Legend {
  private readonly arrows = new Map<string, { readonly arrow: Arrow; readonly style: LineStyle }>();
  private readonly maps = new Set<string>();
  private readonly blocks = new Set<string>();
  private readonly joins = new Map<string, { readonly kind: JoinKind; readonly label: string }>();
  private readonly signals = new Set<string>();
  private readonly gates = new Set<string>();
  private readonly notes: string[] = [];
  private hasTraining = false;

  /** The legend of a U. A bypass has an arrow even without an op. */
  static ofU({ levels, skips, feeds, embeddings, undrawn }: UPicture): Legend {
    const legend = new Legend();
    const maps = levels.flatMap(({ encoder }) => encoder);
    const back = levels.toReversed().flatMap(({ decoder }) => decoder);
    // Parts that only training needs come last, so that the network itself gets the solid lines.
    const all = [...maps, ...back].toSorted((a, b) => Number(a.trainingOnly) - Number(b.trainingOnly));
    for (const map of all) {
      if (map.arrow) legend.addArrow(map.arrow, map.trainingOnly);
      if (map.trainingOnly) legend.hasTraining = true;
      if (map.run) legend.addBlock(map.run.name, map.run.label);
      for (const { arrow } of map.bypasses) legend.addArrow(arrow ?? IDENTITY_ARROW);
      if (map.join) legend.joins.set(`${map.join.kind} ${map.join.label}`, map.join);
    }
    for (const { arrow, gate } of skips) {
      legend.addArrow(arrow);
      if (!gate) continue;
      legend.gates.add(`gate: ${gate.label}`);
      legend.signals.add(SIGNALS[gate.signal]);
    }
    for (const { arrow } of feeds) legend.addArrow(arrow);
    legend.addEmbeddings(embeddings);
    legend.addUndrawn(undrawn);
    return legend;
  }

  /** @param isTraining whether the arrow is dashed even as the first of its family */
  addArrow(arrow: Arrow, isTraining = false): void {
    const key = `${arrow.family} ${arrow.label}`;
    if (this.arrows.has(key)) return;
    const before = [...this.arrows.values()].filter((entry) => entry.arrow.family === arrow.family).length;
    const variant = isTraining ? Math.max(1, before) : before;
    this.arrows.set(key, { arrow, style: { family: arrow.family, variant } });
  }

  addBlock(name: string, label: string): void {
    this.blocks.add(label === '' ? name : `${name}: ${label}`);
  }

  /** An entry for plain boxes. */
  addMap(name: string, label: string): void {
    this.maps.add(`${name}: ${label}`);
  }

  addTraining(): void {
    this.hasTraining = true;
  }

  addEmbeddings(embeddings: readonly Embedding[]): void {
    for (const { name, label } of embeddings) this.notes.push(`${name}: ${label}`);
  }

  addUndrawn(count: number): void {
    if (count > 0) this.notes.push(`${count} further connection${count === 1 ? ' is' : 's are'} not drawn`);
  }

  styleOf(arrow: Arrow): LineStyle {
    return this.arrows.get(`${arrow.family} ${arrow.label}`)?.style ?? { family: arrow.family, variant: 0 };
  }

  /** The legend as scene items with its upper left corner at the origin, in columns of about equal height. */
  items(columns = 1): PlacedLegend {
    const entries = this.entries();
    const total = entries.reduce((sum, entry) => sum + entry.height, 0);
    const items: SceneItem[] = [];
    let [column, y, height] = [0, 0, 0];
    for (const entry of entries) {
      // An entry whose middle lies in the next column's share begins that column.
      if (y > 0 && column < columns - 1 && y + entry.height / 2 > total / columns)
        [column, y] = [column + 1, 0];
      items.push(...entry.items.map((item) => moved(item, column * COLUMN, y)));
      y += entry.height;
      height = Math.max(height, y);
    }
    return { items, height };
  }

  private entries(): readonly PlacedLegend[] {
    const styles = [...this.arrows.values()];
    return [
      ...styles.map(({ arrow, style }) => entryOf(arrow.label, arrowSample(style))),
      ...[...this.maps].map((label) => entryOf(label, swatch('map'))),
      ...[...this.blocks].map((label) => entryOf(label, swatch('blocks'))),
      ...[...this.signals].map((label) => entryOf(label, arrowSample({ family: 'signal', variant: 0 }))),
      ...[...this.gates].map((label) => entryOf(label, symbol('mul', true))),
      ...[...this.joins.values()].map(({ kind, label }) => entryOf(label, symbol(kind, false))),
      ...(this.hasTraining ? [entryOf('in training only', swatch('training'))] : []),
      ...this.notes.map((note) => entryOf(note, [])),
    ];
  }
}

/** Items with their upper left corner at the origin. */
interface PlacedLegend {
  readonly items: readonly SceneItem[];
  readonly height: number;
}

/** A bypass without an op of its own. */
export const IDENTITY_ARROW: Arrow = { family: 'other', label: 'identity' };

/** The legend's names of gating signals. */
const SIGNALS = {
  below: 'gating signal: the map below',
  up: 'gating signal: the upsampled map',
} as const;

const SAMPLE = 34;
const TEXT_X = 46;
const TEXT_LIMIT = 350;
const COLUMN = TEXT_X + TEXT_LIMIT + 28;
const LINE_HEIGHT = 17;
const MIDDLE = LINE_HEIGHT / 2;

function entryOf(label: string, sample: readonly SceneItem[]): PlacedLegend {
  const lines = wrapText(label, 'note', TEXT_LIMIT);
  const texts = lines.map(
    (text, line): SceneItem => ({
      kind: 'text',
      at: [TEXT_X, MIDDLE + 4 + line * LINE_HEIGHT],
      text,
      style: 'note',
      anchor: 'start',
      rotated: false,
    }),
  );
  return { items: [...sample, ...texts], height: lines.length * LINE_HEIGHT + 4 };
}

function arrowSample(style: LineStyle): readonly SceneItem[] {
  const points = [
    [0, MIDDLE],
    [SAMPLE, MIDDLE],
  ] as const;
  return [{ kind: 'line', points, style, head: true, thin: style.family === 'signal', tip: '' }];
}

function symbol(join: JoinKind, isGate: boolean): readonly SceneItem[] {
  return [{ kind: 'join', at: [SAMPLE / 2, MIDDLE], join, isGate, tip: '' }];
}

function swatch(look: 'map' | 'blocks' | 'training'): readonly SceneItem[] {
  const bounds = { left: SAMPLE / 2 - 10, top: MIDDLE - 7, right: SAMPLE / 2 + 10, bottom: MIDDLE + 7 };
  return [{ kind: 'box', bounds, look, tip: '' }];
}

/** The network without its title, and the legend. */
export interface Composed {
  readonly network: readonly SceneItem[];
  readonly legend: Legend;
}
