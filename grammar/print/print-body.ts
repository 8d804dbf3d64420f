import * as t from '../parse/tokens.js';
import { alignRows, type Row } from './print-align.js';
import { commentText, gapBetween } from './print-gap.js';
import type { Body, PrintItem, Roles } from './print-items.js';
import type { TextPieces } from './print-pieces.js';
import { printRun } from './print-tokens.js';

/** A body on one line stays on one line up to this column. */
const LINE_WIDTH = 100;

export class BodyPrinter {
  constructor(
    private readonly pieces: TextPieces,
    private readonly roles: Roles,
  ) {}

  /** The whole file without its last line end. */
  file(body: Body): string {
    const rows = this.rows(body, 0);
    separateDeclarations(rows);
    alignRows(rows);
    return textOf(rows, 0).join('\n');
  }

  /** The rows between the braces of a body. The first row is what follows the opening brace on its line. */
  private rows(body: Body, indent: number): Row[] {
    const rows: Row[] = [{ text: '', blankBefore: false }];
    let before = body.open;
    for (let n = 0; n <= body.items.length; n += 1) {
      const item = body.items[n];
      const after = item ? item.first : body.close;
      const gap = gapBetween(this.pieces, before, after, item !== undefined);
      const above = rows[rows.length - 1];
      if (above) {
        if (gap.hasSemicolon && item && this.needsSemicolon(body.items[n - 1], item)) above.text += ';';
        addTrailing(above, gap.trailing, indent);
      }
      for (const line of gap.lines) {
        rows.push({ text: commentText(line.comments, indent), blankBefore: line.blankBefore });
      }
      if (item) {
        const leading = gap.leading.map((one) => `${commentText([one], indent)} `).join('');
        const printed = this.item(item, indent);
        rows.push({
          text: leading + printed.text,
          blankBefore: gap.blankBefore,
          kind: item.kind,
          ...(printed.operatorAt === undefined ? {} : { operatorAt: leading.length + printed.operatorAt }),
        });
        before = item.last;
      }
    }
    return rows;
  }

  private item(item: PrintItem, indent: number): { text: string; operatorAt?: number } {
    const { first, last, operator, body } = item;
    if (!body) return printRun(this.pieces, this.roles, { first, last, operator }, indent);
    const head = printRun(this.pieces, this.roles, { first, last: body.open }, indent).text;
    const inline = this.isOnOneLine(body) ? this.onOneLine(body) : undefined;
    const column = head.includes('\n') ? head.length - head.lastIndexOf('\n') - 1 : indent + head.length;
    if (inline !== undefined && column + inline.length <= LINE_WIDTH) return { text: head + inline };
    const [brace, ...rows] = this.rows(body, indent + 2);
    const [first_] = rows;
    if (first_) first_.blankBefore = false;
    alignRows(rows);
    const afterBrace = `${brace?.text ?? ''}${brace?.note === undefined ? '' : ` ${brace.note}`}`;
    const blanks = ' '.repeat(indent);
    return { text: [head + afterBrace, ...textOf(rows, indent + 2), `${blanks}}`].join('\n') };
  }

  private isOnOneLine(body: Body): boolean {
    const { linesBefore, comments } = this.pieces;
    for (let i = body.open + 1; i <= body.close; i += 1) {
      if ((linesBefore[i] ?? 0) > 0) return false;
      const broken = comments[i]?.some((one) => one.linesBefore > 0 || one.text.includes('\n'));
      if (broken) return false;
    }
    return true;
  }

  /** The text after the opening brace of a body on one line. */
  private onOneLine(body: Body): string {
    const parts: string[] = [];
    let before = body.open;
    for (const item of [...body.items, undefined]) {
      const gap = gapBetween(this.pieces, before, item?.first ?? body.close, item !== undefined);
      // Without line ends between the items, the semicolon stays.
      if (gap.hasSemicolon && item && parts.length > 0) parts.push(`${parts.pop()};`);
      for (const comment of [...gap.trailing, ...gap.leading]) parts.push(comment.text);
      if (!item) break;
      const { first, last, operator } = item;
      const to = item.body?.open ?? last;
      const { text } = printRun(this.pieces, this.roles, { first, last: to, operator }, 0);
      parts.push(item.body ? text + this.onOneLine(item.body) : text);
      before = last;
    }
    return parts.length === 0 ? '}' : ` ${parts.join(' ')} }`;
  }

  /**
   * Whether an item would continue the item before it without a semicolon: `- b` as a difference, `x (3)` as a product,
   * `within` as the end of a row, and a name after the value `block` as a declaration.
   */
  private needsSemicolon(before: PrintItem | undefined, item: PrintItem): boolean {
    if (!before) return false;
    const last = this.pieces.tokens[before.last];
    const first = this.pieces.tokens[item.first];
    if (last && t.declarationKeywords.has(last.tokenType)) return true;
    return first?.tokenType === t.Minus || first?.tokenType === t.Within || first?.image === 'x';
  }
}

function addTrailing(row: Row, comments: Parameters<typeof commentText>[0], indent: number): void {
  const note = comments[comments.length - 1]?.toLineEnd ? comments[comments.length - 1] : undefined;
  const others = note ? comments.slice(0, -1) : comments;
  if (others.length > 0) row.text += ` ${commentText(others, indent)}`;
  if (note) row.note = note.text;
}

/** Puts a blank line between declarations, except between imports and params, and between lines of one kind. */
function separateDeclarations(rows: Row[]): void {
  let above: number | undefined;
  for (const [i, row] of rows.entries()) {
    if (row.kind === undefined) continue;
    if (above !== undefined) {
      const between = rows.slice(above + 1, i + 1);
      const kinds = [rows[above]?.kind, row.kind];
      const heads = kinds.every((kind) => kind === 'import' || kind === 'param');
      const lines = kinds[0] === kinds[1] && !row.text.includes('\n') && !rows[above]?.text.includes('\n');
      const together = heads || lines;
      const [first] = between;
      if (first && !together && !between.some((one) => one.blankBefore)) first.blankBefore = true;
    }
    above = i;
  }
  // The first row is what follows an opening brace; a file has none.
  rows.shift();
  const [first] = rows;
  if (first) first.blankBefore = false;
}

function textOf(rows: readonly Row[], indent: number): string[] {
  const blanks = ' '.repeat(indent);
  return rows.map(
    (row) =>
      (row.blankBefore ? '\n' : '') + blanks + row.text + (row.note === undefined ? '' : ` ${row.note}`),
  );
}
