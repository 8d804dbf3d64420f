import type { JoinKind, Picture, Step } from './picture.js';
import type { LineStyle, SceneItem } from './scene.js';
import { wrapText } from './text-metrics.js';

/** Which dash pattern each step has, and what the legend says, in the order of first occurrence. */
export class Legend {
  private readonly steps = new Map<string, { readonly step: Step; readonly style: LineStyle }>();
  private readonly joins = new Map<string, { readonly kind: JoinKind; readonly label: string }>();
  private hasGates = false;
  private readonly note: string;

  constructor(picture: Picture) {
    const maps = picture.levels.flatMap(({ encoder }) => encoder);
    const back = picture.levels.toReversed().flatMap(({ decoder }) => decoder);
    for (const map of [...maps, ...back]) {
      if (map.step) this.addStep(map.step);
      for (const { step } of map.bypasses) this.addStep(step ?? IDENTITY);
      if (map.join) this.joins.set(`${map.join.kind} ${map.join.label}`, map.join);
    }
    for (const { step, gate } of picture.skips) {
      this.addStep(step);
      if (!gate) continue;
      this.hasGates = true;
      const label = gate === 'mul' ? 'multiply' : 'add';
      this.joins.set(`${gate} ${label}`, { kind: gate, label });
    }
    const { undrawn } = picture;
    this.note =
      undrawn === 0 ? '' : `${undrawn} further connection${undrawn === 1 ? ' is' : 's are'} not drawn`;
  }

  private addStep(step: Step): void {
    const key = `${step.family} ${step.label}`;
    if (this.steps.has(key)) return;
    const variant = [...this.steps.values()].filter((entry) => entry.step.family === step.family).length;
    this.steps.set(key, { step, style: { family: step.family, variant } });
  }

  styleOf(step: Step): LineStyle {
    return this.steps.get(`${step.family} ${step.label}`)?.style ?? { family: step.family, variant: 0 };
  }

  /** The legend as scene items with its upper left corner at the origin, and its height. */
  items(): { readonly items: readonly SceneItem[]; readonly height: number } {
    const items: SceneItem[] = [];
    let y = 0;
    const entry = (label: string, sample: (middle: number) => readonly SceneItem[]) => {
      items.push(...sample(y + LINE_HEIGHT / 2));
      for (const line of wrapText(label, 'note', TEXT_LIMIT)) {
        items.push({
          kind: 'text',
          at: [TEXT_X, y + LINE_HEIGHT / 2 + 4],
          text: line,
          style: 'note',
          anchor: 'start',
          rotated: false,
        });
        y += LINE_HEIGHT;
      }
      y += 4;
    };
    const arrow = (style: LineStyle) => (middle: number) =>
      [
        {
          kind: 'line',
          points: [
            [0, middle],
            [SAMPLE, middle],
          ],
          style,
          head: true,
          thin: style.family === 'signal',
          tip: '',
        },
      ] satisfies readonly SceneItem[];
    for (const { step, style } of this.steps.values()) entry(step.label, arrow(style));
    if (this.hasGates) entry('gating signal', arrow({ family: 'signal', variant: 0 }));
    for (const { kind, label } of this.joins.values()) {
      entry(label, (middle) => [{ kind: 'join', at: [SAMPLE / 2, middle], join: kind, tip: '' }]);
    }
    if (this.note !== '') entry(this.note, () => []);
    return { items, height: y };
  }
}

/** A bypass without an op of its own. */
export const IDENTITY: Step = { family: 'other', label: 'identity' };

const SAMPLE = 34;
const TEXT_X = 46;
const TEXT_LIMIT = 350;
const LINE_HEIGHT = 17;
