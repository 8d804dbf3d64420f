import { describe, expect, test } from 'vitest';
import { type AstNode, children, type ExpectRow, type NumberLiteral } from '../../grammar/ast.js';
import { parse } from '../../grammar/parse/parse.js';
import { compile } from '../../src/compiler/compile.js';
import { SourceFile } from '../../src/diagnostics/source-file.js';
import { spanText } from '../../src/diagnostics/span.js';
import { numberText } from '../../src/language/expressions/values.js';
import { recipes, type Walk, walk } from '../analysis/textbook.js';
import { specFiles, specText } from './spec-files.js';

/** A row of a network with one number of it. */
interface Place {
  readonly network: keyof typeof recipes;
  readonly row: ExpectRow;
  readonly number: NumberLiteral;
}

function numbersIn(node: AstNode): NumberLiteral[] {
  return node.kind === 'number' ? [node] : children(node).flatMap(numbersIn);
}

function isNetwork(name: string): name is keyof typeof recipes {
  return Object.hasOwn(recipes, name);
}

/** Every number of every expectation of a file. */
function placesOf(path: string, text: string): Place[] {
  const { tree } = parse(new SourceFile(path, text));
  return tree.declarations.flatMap((declaration) => {
    if (declaration.kind !== 'unet' || !isNetwork(declaration.name.name)) return [];
    const network = declaration.name.name;
    const rows = declaration.members.flatMap((member) => (member.kind === 'expect' ? member.rows : []));
    return rows.flatMap((row) => numbersIn(row).map((number) => ({ network, row, number })));
  });
}

/** `admissible(...) == false`: another number does not make a wrong size a right one. */
function isRefusal({ right }: ExpectRow): boolean {
  return right?.kind === 'name' && right.name === 'false';
}

/** The value of the left side after a change, computed from the textbook. */
function trueValue({ network, row, number }: Place): string | undefined {
  const { stages, crops }: Walk = walk(recipes[network]);
  const isIndex = number.span.end <= row.left.span.end && row.left.kind !== 'call';
  if (!isIndex) return undefined;
  const stage = spanText(row.left.span).replace(/\d+/, String(number.value + 1));
  const level = Number(/\d+/.exec(stage)?.[0]);
  return stage.endsWith('.crop') ? commonText(crops.get(level)) : stages.get(stage)?.join(' x ');
}

function commonText(values: readonly number[] | undefined): string | undefined {
  return values && (new Set(values).size === 1 ? String(values[0]) : values.join(' x '));
}

/** The value that the row itself states, as messages write it. */
function statedValue({ network, row }: Place): string {
  if (!row.right) return 'false';
  if (row.right.kind === 'number') return numberText(row.right.value);
  if (row.within) {
    // 88 positions of the spacing that the spec gives, of which the row states the rounded lengths.
    expect(network).toBe('UNet3D');
    return [88 * 1.76, 88 * 1.76, 88 * 2.04].map((length) => `${numberText(length)}um`).join(' x ');
  }
  return spanText(row.right.span);
}

describe.each(specFiles)('%s', (path) => {
  const text = specText(path);
  const places = placesOf(path, text);
  const changeable = places.filter(({ row }) => !isRefusal(row));

  test('is clean', () => {
    const { diagnostics, networks } = compile(path, text);
    expect(diagnostics).toEqual([]);
    expect(networks.length).toBeGreaterThan(0);
    expect(changeable.length).toBeGreaterThan(20);
  });

  test('each number of each expectation, changed by one, makes exactly that row fail with the true value', () => {
    for (const place of changeable) {
      const { row, number } = place;
      const { start, end } = number.span;
      const isTolerance = row.within !== undefined && start >= row.within.span.start;
      const changed = isTolerance ? number.value / 10 : number.value + 1;
      const edited = `${text.slice(0, start)}${changed}${number.unit ?? ''}${text.slice(end)}`;
      const { diagnostics } = compile(path, edited);
      const why = `${spanText(row.span)} with ${changed}`;
      expect(
        diagnostics.map(({ severity }) => severity),
        why,
      ).toEqual(['error']);
      const [error] = diagnostics;
      expect(error?.span.start, why).toBeGreaterThanOrEqual(row.span.start);
      expect(error?.span.start, why).toBeLessThan(row.span.end);
      const isIndex = row.left.kind !== 'call' && end <= row.left.span.end;
      const value = isIndex ? trueValue(place) : statedValue(place);
      expect(error?.code, why).toBe(value === undefined ? 'unknown-stage' : 'expectation-failed');
      if (value !== undefined) expect(error?.args, why).toMatchObject({ found: value });
    }
  });

  test('a size that is refused is refused: `true` instead of `false` fails', () => {
    for (const row of new Set(places.map((place) => place.row).filter(isRefusal))) {
      const span = row.right?.span ?? row.span;
      const { diagnostics } = compile(path, `${text.slice(0, span.start)}true${text.slice(span.end)}`);
      expect(diagnostics).toMatchObject([
        {
          code: 'expectation-failed',
          args: { row: expect.stringMatching(/== true$/), found: 'false' },
        },
      ]);
      expect(diagnostics).toHaveLength(1);
      expect(diagnostics[0]?.span.start).toBe(row.span.start);
    }
  });
});
