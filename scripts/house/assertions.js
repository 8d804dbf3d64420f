// Which type assertions lack a comment that says why they are right.
//
// An assertion is `x as T` (but not `as const`), `<T>x`, `x!` in an expression, and `name!: T` in a declaration. One of
// these comments covers it:
//
// - beside it: on its first or last line, or alone on the lines directly above a line where the assertion begins, or
//   above an argument, an element, a property, a member or the statement that contains it;
// - above a neighbour: statements without a blank line between them that make the same assertion share the comment
//   above the first of them;
// - further away, if it names the assertion in backticks, as it is written: `as number`, or `!`. Such a comment covers
//   the declaration or statement below it. Alone between blank lines, or above the imports, it covers the rest of the
//   block or file that it is in.
import { ts } from 'ts-morph';

/** Those of some assertions in a tree that no comment covers: the line from 1, and the text. */
export function bareAssertions(nodes, tree, text) {
  if (nodes.length === 0) return [];
  const found = nodes.map((node) => ({ node, name: nameOf(node, tree) }));
  const comments = commentsIn(tree, text);
  return found
    .filter(({ node, name }) => !isBeside(node, name, comments, tree) && !isNamed(node, name, comments, tree))
    .map(({ node }) => ({ line: lineOf(tree, node.getStart(tree)) + 1, text: node.getText(tree) }));
}

/** Whether a node is an assertion. */
export function isAssertion(node, tree) {
  return nameOf(node, tree) !== undefined;
}

/** How a comment names the assertion; undefined for what is none. */
function nameOf(node, tree) {
  if (ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) {
    // The first half of `x as unknown as T` belongs to the second.
    if (ts.isConstTypeReference(node.type) || ts.isAsExpression(node.parent)) return undefined;
    const first = ts.isAsExpression(node.expression) ? `as ${node.expression.type.getText(tree)} ` : '';
    return oneLine(`${first}as ${node.type.getText(tree)}`);
  }
  if (ts.isNonNullExpression(node)) return '!';
  const isDefinite = ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node);
  return isDefinite && node.exclamationToken ? '!' : undefined;
}

const oneLine = (text) => text.replace(/\s+/g, ' ');

const lineOf = (tree, position) => tree.getLineAndCharacterOfPosition(position).line;

/** All comments: their lines, their text, and whether they stand alone on their lines. */
function commentsIn(tree, text) {
  const ranges = new Map();
  const visit = (node) => {
    const children = node.getChildren(tree);
    // Comments are between tokens: those before a token, and those after it on its line.
    if (children.length === 0 && node.kind !== ts.SyntaxKind.JsxText) {
      for (const range of ts.getLeadingCommentRanges(text, node.pos) ?? []) ranges.set(range.pos, range);
      for (const range of ts.getTrailingCommentRanges(text, node.end) ?? []) ranges.set(range.pos, range);
    }
    for (const child of children) visit(child);
  };
  visit(tree);
  const comments = [...ranges.values()]
    .sort((a, b) => a.pos - b.pos)
    .map(({ pos, end }) => ({
      pos,
      end,
      first: lineOf(tree, pos),
      last: lineOf(tree, end),
      text: text.slice(pos, end),
      isAlone: /(^|\n)[ \t]*$/.test(text.slice(0, pos)),
    }));
  return joined(comments);
}

/** Line comments on consecutive lines are one comment. */
function joined(comments) {
  const blocks = [];
  for (const comment of comments) {
    const before = blocks.at(-1);
    if (before?.isAlone && comment.isAlone && before.last + 1 === comment.first) {
      before.last = comment.last;
      before.end = comment.end;
      before.text += `\n${comment.text}`;
    } else blocks.push({ ...comment });
  }
  return blocks;
}

function isItem(node) {
  return ts.isStatement(node) || ts.isClassElement(node) || ts.isTypeElement(node);
}

/** Whether a comment is on the assertion's line, or directly above what contains it within its statement. */
function isBeside(node, name, comments, tree) {
  const ends = [lineOf(tree, node.getStart(tree)), lineOf(tree, node.end)];
  if (comments.some((comment) => ends.some((line) => comment.first <= line && line <= comment.last)))
    return true;
  for (let at = node; at; at = at.parent) {
    if (isBelow(at, comments, tree)) return true;
    if (isItem(at)) return hasNeighbour(at, name, comments, tree);
  }
  return false;
}

function isBelow(node, comments, tree) {
  const line = lineOf(tree, node.getStart(tree));
  return comments.some((comment) => comment.isAlone && comment.last === line - 1);
}

/** Whether the statements directly above make the same assertion, and the first of them has a comment above it. */
function hasNeighbour(item, name, comments, tree) {
  const siblings = item.parent.statements ?? item.parent.members ?? [];
  let below = item;
  for (let i = siblings.indexOf(item) - 1; i >= 0; i -= 1) {
    const above = siblings[i];
    if (lineOf(tree, above.end) + 1 !== lineOf(tree, below.getStart(tree)) || !asserts(above, name, tree))
      return false;
    if (isBelow(above, comments, tree)) return true;
    below = above;
  }
  return false;
}

function asserts(node, name, tree) {
  return (
    nameOf(node, tree) === name ||
    ts.forEachChild(node, (child) => asserts(child, name, tree) || undefined) === true
  );
}

/** Whether a comment that names the assertion covers it from further away. */
function isNamed(node, name, comments, tree) {
  const naming = comments.filter(({ text }) =>
    oneLine(text.replace(/\n\s*(\/\/|\*)/g, ' ')).includes(`\`${name}\``),
  );
  return naming.some((comment) => {
    const scope = scopeOf(comment, tree);
    return scope.pos <= node.pos && node.end <= scope.end;
  });
}

/** What a comment covers: the statement or member below it, or from there on the block that it is in. */
function scopeOf(comment, tree) {
  const block = innermost(tree, comment);
  const items = block.statements ?? block.members;
  const next = items.find((item) => item.getStart(tree) >= comment.end);
  if (!next) return { pos: comment.end, end: comment.end };
  const isAttached = comment.isAlone && lineOf(tree, next.getStart(tree)) === comment.last + 1;
  if (isAttached && !ts.isImportDeclaration(next)) return next;
  return { pos: comment.end, end: block.end };
}

/** The innermost block, class or file that contains a comment. */
function innermost(node, comment) {
  const inner = ts.forEachChild(node, (child) =>
    child.pos <= comment.pos && comment.end <= child.end && child.getStart() <= comment.pos
      ? innermost(child, comment)
      : undefined,
  );
  return inner ?? (node.statements || node.members ? node : undefined);
}
