import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { gradientOf, LossExpression } from '../../src/autodiff/expression.js';
import { StepBuilder } from '../../src/autodiff/step/step-builder.js';
import { stepModel } from '../../src/autodiff/step/step-model.js';
import { normals } from './run-gradients.js';

/** x is (2, 3, 4), all above 0; row is (4), column (3, 1). */
const shapes = { x: [2, 3, 4], row: [4], column: [3, 1] } as const;
type Name = keyof typeof shapes;
type Case = (e: Readonly<Record<Name, LossExpression>>) => LossExpression;
type Numbers = Readonly<Record<Name, ArrayLike<number>>>;

/** x, row and column at each element of (2, 3, 4), summed. */
function summed(f: (x: number, row: number, column: number) => number) {
  return ({ x, row, column }: Numbers) => {
    let sum = 0;
    for (let i = 0; i < 24; i++) {
      sum += f(x[i] ?? 0, row[i % 4] ?? 0, column[Math.floor(i / 4) % 3] ?? 0);
    }
    return sum;
  };
}

/** The same over the vectors along axis 1, with the row of each. */
function alongAxis1(f: (z: readonly number[], row: number) => number) {
  return ({ x, row }: Numbers) => {
    let sum = 0;
    for (const n of [0, 1]) {
      for (let i = 0; i < 4; i++)
        sum += f(
          [0, 1, 2].map((k) => x[n * 12 + k * 4 + i] ?? 0),
          row[i] ?? 0,
        );
    }
    return sum;
  };
}

const sumExp = (z: readonly number[]) => z.reduce((sum, one) => sum + Math.exp(one), 0);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const cases: Readonly<Record<string, readonly [Case, (numbers: Numbers) => number]>> = {
  sums: [
    ({ x, row, column }) => x.plus(row).minus(column.times(3)).plus(2).power(2).total(),
    summed((x, row, column) => (x + row - 3 * column + 2) ** 2),
  ],
  'products and quotients': [
    ({ x, row, column }) => x.times(row).over(column).times(x).negated().total(),
    summed((x, row, column) => (-x * x * row) / column),
  ],
  'a divisor that is spread': [({ x, row }) => row.over(x).total(), summed((x, row) => row / x)],
  'exp and log': [
    ({ x, row }) => x.log().times(row).exp().total(),
    summed((x, row) => Math.exp(Math.log(x) * row)),
  ],
  powers: [
    ({ x, column }) => x.power(0.3).times(column.power(3)).plus(x.power(0)).plus(row1(x)).total(),
    summed((x, _, column) => x ** 0.3 * column ** 3 + 1 + x),
  ],
  'sigmoid and softplus': [
    ({ x, row }) => x.sigmoid().times(row).plus(x.times(-2).softplus()).total(),
    summed((x, row) => sigmoid(x) * row + Math.log1p(Math.exp(-2 * x))),
  ],
  softmax: [
    ({ x, row }) => x.softmax().power(2).times(row).total(),
    alongAxis1((z, row) => z.reduce((sum, one) => sum + (Math.exp(one) / sumExp(z)) ** 2 * row, 0)),
  ],
  'log-softmax, all with one gradient': [
    ({ x }) => x.logSoftmax().total(),
    alongAxis1((z) => z.reduce((sum, one) => sum + one - Math.log(sumExp(z)), 0)),
  ],
  'log-softmax and log-sum-exp': [
    ({ x, row }) => x.logSoftmax().power(2).sum([1]).plus(x.logSumExp().times(row)).total(),
    alongAxis1((z, row) => {
      const all = Math.log(sumExp(z));
      return z.reduce((sum, one) => sum + (one - all) ** 2, 0) + all * row;
    }),
  ],
  'sums and means over axes': [
    ({ x, row }) =>
      x
        .sum([0, 1])
        .times(x.mean([2]))
        .times(row)
        .power(2)
        .total(),
    ({ x, row }) => {
      let sum = 0;
      for (let line = 0; line < 6; line++) {
        const mean = [0, 1, 2, 3].reduce((total, i) => total + (x[line * 4 + i] ?? 0) / 4, 0);
        for (let i = 0; i < 4; i++) {
          const column = [0, 1, 2, 3, 4, 5].reduce((total, l) => total + (x[l * 4 + i] ?? 0), 0);
          sum += (column * mean * (row[i] ?? 0)) ** 2;
        }
      }
      return sum;
    },
  ],
};

function row1(x: LossExpression): LossExpression {
  return x.power(1);
}

test.each(Object.keys(cases))('%s', async (name) => {
  const [write, formula] = cases[name] ?? [];
  if (!write || !formula) throw new Error(`there is no ${name}`);
  const builder = new StepBuilder();
  const names = Object.keys(shapes) as Name[];
  const of = (one: Name) => new LossExpression(builder, { name: one, shape: shapes[one] });
  const expressions = { x: of('x'), row: of('row'), column: of('column') };
  const total = write(expressions);
  const bytes = stepModel(
    'expression',
    builder,
    names.map((one) => expressions[one].value),
    [
      { name: 'value', value: total.value },
      ...names.map((one) => ({ name: `by ${one}`, value: gradientOf(total, expressions[one]) })),
    ],
  );
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const numbers = {
    x: normals('x', 24).map((z) => Math.abs(z) + 0.2),
    row: normals('row', 4),
    column: normals('column', 3).map((z) => Math.abs(z) + 0.5),
  };
  const results = await session.run(
    Object.fromEntries(names.map((one) => [one, new Tensor('float32', numbers[one], [...shapes[one]])])),
  );
  const value = formula(numbers);
  expect(Math.abs(Number(results.value?.data[0]) - value)).toBeLessThan(1e-5 * Math.abs(value));
  for (const one of names) {
    const found = results[`by ${one}`];
    expect(found?.dims).toEqual(shapes[one]);
    const start = Float64Array.from(numbers[one]);
    const slopes = start.map((element, i) => {
      const at = (step: number) => formula({ ...numbers, [one]: start.with(i, element + step) });
      return (at(1e-5) - at(-1e-5)) / 2e-5;
    });
    const difference = Math.hypot(...slopes.map((slope, i) => Number(found?.data[i]) - slope));
    expect(difference, one).toBeLessThan(1e-5 * Math.max(Math.hypot(...slopes), 1e-2));
  }
});
