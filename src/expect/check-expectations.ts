import type { ExpectRow, Expression } from '../../grammar/ast.js';
import type { Facts } from '../analysis/facts.js';
import type { Reporter } from '../diagnostics/diagnostic.js';
import type { NetworkSpec } from '../language/resolve/network-spec.js';
import type { AxisSizes } from '../shape/admissible.js';
import { RowEvaluator, type Side } from './evaluate-row.js';
import { comparable, compare, type Quantity, quantityText } from './quantity.js';

/** Checks every row of a network's expectations and reports each failing row with the value that it found. */
export function checkExpectations(
  spec: NetworkSpec,
  facts: Facts,
  axes: readonly AxisSizes[],
  reporter: Reporter,
): void {
  const evaluator = new RowEvaluator(spec, facts, axes, reporter);
  for (const block of spec.expects) for (const row of block.rows) checkRow(row, evaluator, facts, reporter);
}

function checkRow(row: ExpectRow, evaluator: RowEvaluator, facts: Facts, reporter: Reporter): void {
  let left = evaluator.side(row.left);
  const rowText = textOf(row);
  if (!row.operator || !row.right) {
    if (!left) return;
    if (left.quantity.type !== 'boolean') {
      reporter.report('wrong-kind', row.span, {
        what: 'an expectation',
        expected: 'a comparison, such as `output == 2 x 388 x 388`',
        found: quantityText(left.quantity),
      });
    } else if (!left.quantity.value) {
      reporter.report(
        'expectation-failed',
        row.span,
        { row: rowText, found: 'false' },
        { help: left.how?.() },
      );
    }
    return;
  }
  let right = evaluator.side(row.right);
  const side = row.within && evaluator.side(row.within);
  const within = row.within && side && { ...side, span: row.within.span };
  if (!left || !right || (row.within && !within)) return;
  // To compare a number of positions with a length, the spacing converts it to a length.
  if (isLength(right.quantity) && !isLength(left.quantity)) left = evaluator.inLengths(left) ?? left;
  else if (isLength(left.quantity) && !isLength(right.quantity)) right = evaluator.inLengths(right) ?? right;
  if (within && toleranceOf(within.quantity, left.quantity) === undefined) {
    reporter.report('wrong-kind', within.span, {
      what: '`within`',
      expected: isLength(left.quantity)
        ? 'a length such as `1um`, because the row compares lengths'
        : 'a number',
      found: quantityText(within.quantity),
    });
    return;
  }
  const tolerance = within ? toleranceOf(within.quantity, left.quantity) : 0;
  if (!comparable(left.quantity, right.quantity) || tolerance === undefined) {
    const needsSpacing = isLength(left.quantity) !== isLength(right.quantity);
    reporter.report(
      'wrong-kind',
      row.span,
      {
        what: 'this row',
        expected: 'two sides of the same kind',
        found: `${quantityText(left.quantity)} and ${quantityText(right.quantity)}`,
      },
      needsSpacing ? { help: 'to compare positions with lengths, set `spacing` in the network' } : {},
    );
    return;
  }
  if (compare(left.quantity, row.operator, right.quantity, tolerance)) return;
  // If both sides are facts, both values were found.
  const both = right.how ? ` and ${quantityText(right.quantity)}` : '';
  const found = quantityText(left.quantity) + both;
  const edit = row.operator === '==' && !row.within && !right.how;
  reporter.report(
    'expectation-failed',
    row.span,
    { row: rowText, found },
    {
      help:
        [left.how?.(), otherStage(left, right, facts), tooSmall(left, right)]
          .filter((part) => part !== undefined)
          .join('; ') || undefined,
      fixes: edit
        ? [{ title: `Expect ${found}`, edits: [{ span: row.right.span, newText: written(left.quantity) }] }]
        : [],
    },
  );
}

function isLength(quantity: Quantity): boolean {
  return quantity.type === 'numbers' && quantity.length;
}

function toleranceOf(within: Quantity, left: Quantity): number | undefined {
  if (within.type !== 'numbers' || within.values.length !== 1 || within.length !== isLength(left))
    return undefined;
  return within.values[0];
}

/** How to make the left side larger, if it is smaller than the right side along some axis. */
function tooSmall({ quantity, larger }: Side, { quantity: wanted }: Side): string | undefined {
  if (quantity.type !== 'numbers' || wanted.type !== 'numbers') return undefined;
  const { values } = quantity;
  const smaller = values.some((value, axis) => value < (wanted.values[axis] ?? wanted.values[0] ?? value));
  return smaller ? larger : undefined;
}

/** The stage that a row most likely meant: "decoder[4] has that shape". */
function otherStage(left: Side, right: Side, facts: Facts): string | undefined {
  if (left.quantity.type !== 'map' || right.quantity.type === 'boolean') return undefined;
  const wanted = right.quantity.values.join();
  const names = facts.graph.stages.filter(({ path, value }) => {
    const shape = [facts.graph.nodes[value]?.channels, ...facts.spatial(value)];
    return path.text !== left.stage && shape.join() === wanted;
  });
  return names.length === 0
    ? undefined
    : `${names.map(({ path }) => path.text).join(' and ')} ${names.length === 1 ? 'has' : 'have'} that shape`;
}

/** A quantity as a spec would write it. */
function written(quantity: Quantity): string {
  return quantityText(quantity, (value) => String(value).replace(/\B(?=(\d{3})+$)/g, '_'));
}

function textOf(node: ExpectRow | Expression): string {
  return node.span.file.text.slice(node.span.start, node.span.end).replace(/\s+/g, ' ');
}
