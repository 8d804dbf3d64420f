import { type CustomPatternMatcherFunc, createToken, type IToken, Lexer, type TokenType } from 'chevrotain';

/** All token types, in the order in which the lexer tries them. */
const order: TokenType[] = [];

function token(name: string, pattern: RegExp | string, label: string, extra: object = {}): TokenType {
  // With `line_breaks` given, Chevrotain need not derive it from the pattern whenever a lexer is made.
  const created = createToken({ name, pattern, label, line_breaks: false, ...extra });
  order.push(created);
  return created;
}

export const Whitespace = token('Whitespace', /[ \t\r\n\uFEFF\u00A0]+/, 'white space', {
  group: Lexer.SKIPPED,
  line_breaks: true,
});
export const LineComment = token('LineComment', /\/\/[^\r\n]*/, 'a comment', { group: 'comments' });
export const BlockComment = token('BlockComment', /\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\//, 'a comment', {
  group: 'comments',
  line_breaks: true,
});
/** A comment without an end, up to the end of the file. parse.ts reports it. */
export const OpenComment = token('OpenComment', /\/\*[\s\S]*/, 'an unclosed comment', {
  group: 'unclosed',
  line_breaks: true,
});
export const StringToken = token('StringLiteral', /"(?:[^"\\\r\n]|\\["\\])*"/, 'a string');
export const OpenString = token('OpenString', /"[^"\r\n]*/, 'an unclosed string', { group: 'unclosed' });

/** A number with its unit, if it has one: `1_024`, `0.5`, `1e-3`, `1.76um`. */
export const NumberToken = token(
  'NumberLiteral',
  /\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?(?:(?:um|µm|mm|px)(?![A-Za-z0-9_]))?/,
  'a number',
);

/**
 * The `x` of a product of sizes. Since `x` can also be the name of a value, it is the sign of a product only between two
 * operands: after a number, a name or a closing bracket, and before a number, a name or `(`, unless that name begins the
 * next `name =`.
 */
const matchTimes: CustomPatternMatcherFunc = (text, offset, matched) => {
  const sign = text[offset];
  if (sign === '×') return ['×'];
  if (sign !== 'x') return null;
  const previous: IToken | undefined = matched[matched.length - 1];
  // Not after a keyword: in `block x(c)` the name is `x`.
  if (!previous || !endsOperand.has(previous.tokenType)) return null;
  const afterNumber = previous.tokenType === NumberToken;
  const adjacent = previous.endOffset === offset - 1;
  const rest = /^[ \t]*(?:([0-9(])|([A-Za-z_][A-Za-z0-9_]*)[ \t\r\n]*(=(?!=))?)/.exec(
    text.slice(offset + 1, offset + 80),
  );
  if (!rest) return null;
  // `x3` or `x(3)` after a blank or on a new line is a name; `3xc` is a product.
  const gap = text[offset + 1] === ' ' || text[offset + 1] === '\t' || adjacent;
  if (!gap || rest[3] !== undefined) return null;
  // `x (` after a name is a call of x, not a product.
  return rest[1] !== '(' || afterNumber ? ['x'] : null;
};
export const Times = createToken({
  name: 'Times',
  pattern: matchTimes,
  label: '`x`',
  line_breaks: false,
  start_chars_hint: ['x', '×'],
});
order.push(Times);

export const IdentifierToken = createToken({
  name: 'Identifier',
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  label: 'a name',
});

/** A keyword. Wherever the grammar expects a name, it is a name as well. */
function keyword(word: string): TokenType {
  return token(word[0]?.toUpperCase() + word.slice(1), word, `\`${word}\``, {
    longer_alt: IdentifierToken,
    categories: [IdentifierToken],
  });
}
export const Language = keyword('language');
export const Import = keyword('import');
export const From = keyword('from');
export const Param = keyword('param');
export const Unet = keyword('unet');
export const Extends = keyword('extends');
export const Block = keyword('block');
export const Training = keyword('training');
export const Ablation = keyword('ablation');
export const Of = keyword('of');
// Before `with`, since the lexer takes the first token that matches.
export const Within = keyword('within');
export const With = keyword('with');
export const Expect = keyword('expect');
export const VaryToken = keyword('vary');
export const VariantToken = keyword('variant');
order.push(IdentifierToken);

export const ArrowToken = token('Arrow', '->', '`->`');
export const EqualEqual = token('EqualEqual', '==', '`==`');
export const NotEqual = token('NotEqual', '!=', '`!=`');
export const LessEqual = token('LessEqual', '<=', '`<=`');
export const GreaterEqual = token('GreaterEqual', '>=', '`>=`');
export const Less = token('Less', '<', '`<`');
export const Greater = token('Greater', '>', '`>`');
export const Equals = token('Equals', '=', '`=`');
export const DotDot = token('DotDot', '..', '`..`');
export const Dot = token('Dot', '.', '`.`');
export const Comma = token('Comma', ',', '`,`');
export const Colon = token('Colon', ':', '`:`');
export const Semicolon = token('Semicolon', ';', '`;`');
export const Plus = token('Plus', '+', '`+`');
export const Minus = token('Minus', '-', '`-`');
export const Star = token('Star', '*', '`*`');
export const Slash = token('Slash', '/', '`/`');
export const Percent = token('Percent', '%', '`%`');
export const Caret = token('Caret', '^', '`^`');
export const LeftCurly = token('LeftCurly', '{', '`{`');
export const RightCurly = token('RightCurly', '}', '`}`');
export const LeftSquare = token('LeftSquare', '[', '`[`');
export const RightSquare = token('RightSquare', ']', '`]`');
export const LeftParen = token('LeftParen', '(', '`(`');
export const RightParen = token('RightParen', ')', '`)`');

/** The tokens after which `x` can be the sign of a product. */
export const endsOperand: ReadonlySet<TokenType> = new Set([
  NumberToken,
  IdentifierToken,
  RightParen,
  RightSquare,
]);
export const comparisonSigns: ReadonlySet<TokenType> = new Set([
  EqualEqual,
  NotEqual,
  LessEqual,
  GreaterEqual,
  Less,
  Greater,
]);
export const openingBrackets: ReadonlySet<TokenType> = new Set([LeftCurly, LeftSquare, LeftParen]);
export const closingBrackets: ReadonlySet<TokenType> = new Set([RightCurly, RightSquare, RightParen]);
/** The tokens that a value must follow. */
export const beforeOperand: ReadonlySet<TokenType> = new Set([
  Equals,
  ...comparisonSigns,
  ...[
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Caret,
    Times,
    DotDot,
    ArrowToken,
    Comma,
    Colon,
    LeftParen,
    LeftSquare,
  ],
]);
/** The words that begin a declaration. */
export const declarationKeywords: ReadonlySet<TokenType> = new Set([
  Language,
  Import,
  Param,
  Unet,
  Block,
  Training,
  Ablation,
]);
/** The tokens that recovery can insert: only punctuation, which is never read as a value. */
export const insertable = new Set<TokenType>([LeftCurly, RightCurly, RightSquare, RightParen, Comma, Colon]);
export const allTokens: readonly TokenType[] = order;

let lexer: Lexer | undefined;

/** The lexer, which is made on its first use. */
export function unetLexer(): Lexer {
  lexer ??= new Lexer(order, { positionTracking: 'full', skipValidations: true });
  return lexer;
}
