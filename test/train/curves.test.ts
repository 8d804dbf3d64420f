import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { drawCurves } from '../../src/train/report/curves.js';
import type { EpochRow } from '../../src/train/report/run-folder-epochs.js';
import { epochRow } from './epoch-row.js';

const classes = ['background', 'cell'];
const rowsOf = (count: number, other: (epoch: number) => Partial<EpochRow> = () => ({})) =>
  Array.from({ length: count }, (_, i) => epochRow(i + 1, other(i + 1)));

/** The points of each curve, in the order of drawing: training, validation, then Dice and IoU by class. */
function curvesOf(svg: string): (readonly [number, number])[][] {
  return [...svg.matchAll(/<path class="line [^"]*"[^>]* d="(M[^"h]+)"/g)].map(([, d = '']) =>
    [...d.matchAll(/[ML]([-\d.]+),([-\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const),
  );
}
/** How many pieces a curve has. */
const piecesOf = (svg: string, index: number) => {
  const paths = [...svg.matchAll(/<path class="line [^"]*"[^>]* d="(M[^"h]+)"/g)];
  return [...(paths[index]?.[1] ?? '').matchAll(/M/g)].length;
};

describe('curves', () => {
  test('stand where the numbers are, as the labels of the axis say', () => {
    const rows = rowsOf(41, (epoch) => ({ trainLoss: 2 - epoch / 41, validationLoss: 0.3 }));
    const svg = drawCurves('A', classes, rows, { epoch: 21, value: 1 });
    // Two labelled ticks of the first panel say where 0 and 1 are.
    const tick = (text: string) =>
      Number(new RegExp(`y="([\\d.]+)" text-anchor="end">${text}</text>`).exec(svg)?.[1]) - 4;
    const [zero, one] = [tick('0'), tick('1')];
    const [training = [], validation = [], , dice = []] = curvesOf(svg);
    expect(training).toHaveLength(41);
    for (const [i, [, y]] of training.entries()) {
      expect(Math.abs(y - (zero + (one - zero) * (rows[i]?.trainLoss ?? 0)))).toBeLessThan(0.2);
    }
    for (const [, y] of validation) expect(Math.abs(y - (zero + (one - zero) * 0.3))).toBeLessThan(0.2);
    const steps = training.slice(1).map(([x], i) => x - (training[i]?.[0] ?? 0));
    expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(0.21);
    // Dice of 0.4 in the first epoch and nearly 1 in the last, on its own axis of 0 to 1.
    const range = 200;
    expect((dice[0]?.[1] ?? 0) - (dice[40]?.[1] ?? 0)).toBeCloseTo(range * (0.6 - 0.6 / 41), 0);
    // The best epoch is in the middle of 41.
    const mark = Number(/class="best" d="M([\d.]+) /.exec(svg)?.[1]);
    expect(Math.abs(mark - (training[20]?.[0] ?? 0))).toBeLessThan(0.11);
  });

  test('pass over what was not measured, and break at what is no number', () => {
    const svg = drawCurves(
      'A',
      classes,
      rowsOf(40, (epoch) => ({
        ...(epoch === 10 || epoch === 12 ? { trainLoss: Number.NaN } : {}),
        ...(epoch % 5 === 0 ? {} : { validationLoss: null }),
      })),
      undefined,
    );
    expect(piecesOf(svg, 0)).toBe(3);
    expect(piecesOf(svg, 1)).toBe(1);
    expect(curvesOf(svg)[1]).toHaveLength(8);
    // Epoch 11 stands alone: a dot, since a line of one point is nothing to see.
    expect([...svg.matchAll(/<circle class="s0-dot"/g)]).toHaveLength(1);
    expect(svg).not.toContain('class="best"');
  });

  test('without validation there is one curve, in one panel', () => {
    const none = { dice: [null, null], iou: [null, null], foregroundDice: null, foregroundIou: null };
    const rows = rowsOf(4, () => ({ validationLoss: null, ...none }));
    const requested = { names: ['hd95'] as const, unit: 'mm' };
    const svg = drawCurves('A', classes, rows, undefined, requested);
    expect(curvesOf(svg).map((curve) => curve.length)).toEqual([4]);
    expect([...svg.matchAll(/class="panel"[^>]*>([^<]+)</g)].map(([, title]) => title)).toEqual(['Loss']);
    expect(svg).toContain('<desc>Loss of 4 epochs</desc>');
    expect(svg).not.toContain('validation');
  });

  test('a wide range of losses is logarithmic: equal factors are equal steps', () => {
    const svg = drawCurves(
      'A',
      classes,
      rowsOf(40, (epoch) => ({ trainLoss: 0.8 ** epoch, validationLoss: 1 })),
      undefined,
    );
    expect(svg).toContain('Loss (logarithmic)');
    const [training = []] = curvesOf(svg);
    const steps = training.slice(1).map(([, y], i) => y - (training[i]?.[1] ?? 0));
    expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(0.21);
  });

  test.each<[string, number, number, Partial<EpochRow>]>([
    ['no epoch', 0, 2, {}],
    ['one epoch', 1, 2, {}],
    ['two epochs', 2, 2, {}],
    ['one class', 40, 1, {}],
    ['twelve classes, a thousand epochs', 1000, 12, {}],
    ['nothing but NaN', 5, 2, { trainLoss: Number.NaN, validationLoss: Number.POSITIVE_INFINITY }],
    ['all losses 0', 5, 2, { trainLoss: 0, validationLoss: 0 }],
    ['losses below 0', 5, 2, { trainLoss: -3e7, validationLoss: -1 }],
    ['tiny losses', 5, 2, { trainLoss: 1e-12, validationLoss: 3e-12 }],
    ['huge losses', 5, 2, { trainLoss: 1e30, validationLoss: 2e300 }],
  ])('%s: a picture that every reader takes, without NaN', async (_name, count, classCount, other) => {
    const names = Array.from({ length: classCount }, (_, k) => `class <${k}> & "more"`);
    const scores = names.map((_, k) => k / 12);
    const rows = rowsOf(count, () => ({ ...other, dice: scores, iou: scores }));
    const svg = drawCurves('A & B', names, rows, count > 0 ? { epoch: count, value: 1 } : undefined);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(svg).toContain('A &amp; B');
    expect(drawCurves('A & B', names, rows, count > 0 ? { epoch: count, value: 1 } : undefined)).toBe(svg);
    const { width, height } = await sharp(Buffer.from(svg)).metadata();
    expect([width, svg.includes(`height="${height}"`)]).toEqual([900, true]);
    // Everything is inside the page, with a colour and a dash for each class that no other has.
    for (const curve of curvesOf(svg)) {
      for (const [x, y] of curve) expect(x > 0 && x < 900 && y > 0 && y < Number(height)).toBe(true);
    }
    const looks = [...svg.matchAll(/class="line (s\d)"( stroke-dasharray="[^"]+")? d="M684 /g)].map(
      ([, look, dash = '']) => look + dash,
    );
    expect(looks).toHaveLength(2 + 2 * classCount);
    expect(new Set(looks).size).toBe(Math.max(2, classCount));
  });

  test('the mean of the foreground is a line of its own where there are several classes of it', () => {
    const draw = (names: readonly string[]) => drawCurves('A', names, rowsOf(3), undefined);
    expect(draw(classes)).not.toContain('foreground mean');
    expect([...draw([...classes, 'membrane']).matchAll(/>foreground mean<\/text>/g)]).toHaveLength(2);
  });

  test('light and dark have the same rules, each in its own colours', () => {
    const svg = drawCurves('A', classes, rowsOf(2), undefined);
    const [, light = '', dark = ''] =
      /<style>([\s\S]*)@media \(prefers-color-scheme:dark\)\{([\s\S]*)\}\n<\/style>/.exec(svg) ?? [];
    const coloured = (css: string) => [
      ...css.matchAll(/(\.unet-curves \.[\w-]+)\{(?:fill|stroke):(#\w+)\}/g),
    ];
    expect(coloured(dark).map(([, name]) => name)).toEqual(coloured(light).map(([, name]) => name));
    expect(coloured(dark).length).toBeGreaterThan(18);
    // WCAG 2.2: contrast of (L1 + 0.05) / (L2 + 0.05), at least 3 for graphics.
    const luminance = (colour: string) =>
      [1, 3, 5]
        .map((i) => Number.parseInt(colour.slice(i, i + 2), 16) / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * ([0.2126, 0.7152, 0.0722][i] ?? 0), 0);
    for (const css of [light, dark]) {
      const page = luminance(/\.page\{fill:(#\w+)\}/.exec(css)?.[1] ?? '');
      for (const [, name = '', colour = ''] of coloured(css).filter(([, name]) =>
        /\.(s\d|mean)/.test(name ?? ''),
      )) {
        const pair = [page, luminance(colour)].sort((a, b) => b - a);
        expect(((pair[0] ?? 0) + 0.05) / ((pair[1] ?? 0) + 0.05), name).toBeGreaterThan(3);
      }
    }
  });
});
