import type { IToken, TokenType } from 'chevrotain';
import type { SourceFile } from '../../src/diagnostics/source-file.js';
import type { Argument, Comparison, Expression, Identifier as IdentifierNode, Operator } from '../ast.js';
import { RuleParser } from './rule-parser.js';
import * as t from './tokens.js';

const additive: ReadonlyMap<TokenType, Operator> = new Map([
  [t.Plus, '+'],
  [t.Minus, '-'],
]);
const multiplicative: ReadonlyMap<TokenType, Operator> = new Map([
  [t.Star, '*'],
  [t.Slash, '/'],
  [t.Percent, '%'],
]);
export const comparisons: ReadonlyMap<TokenType, Comparison> = new Map([
  [t.EqualEqual, '=='],
  [t.NotEqual, '!='],
  [t.LessEqual, '<='],
  [t.GreaterEqual, '>='],
  [t.Less, '<'],
  [t.Greater, '>'],
]);

/** How many tokens ahead to look for the end of `[...]` in `name[...] =`. */
const SELECTOR_LIMIT = 64;

/** The rules of expressions: one method for each rule, which returns the node. */
export abstract class ExpressionParser extends RuleParser {
  /** The item that may follow a value: if it begins where a value is expected, the value is missing. */
  protected nextItem: 'attribute' | 'row' | 'none' = 'none';

  /** Parses one value from its tokens. Errors are left in `errors`. */
  parseValue(file: SourceFile, tokens: IToken[]): Expression | undefined {
    return this.limited(file, tokens, 1, () => this.expression());
  }

  protected override limited<T>(file: SourceFile, tokens: IToken[], errors: number, rule: () => T) {
    this.nextItem = 'none';
    return super.limited(file, tokens, errors, rule);
  }

  // Expressions, loosest binding first

  protected readonly expression = this.RULE('expression', (): Expression => {
    const parts: Expression[] = [this.value(this.SUBRULE(this.range))];
    this.MANY(() => {
      this.CONSUME(t.ArrowToken);
      parts.push(this.value(this.SUBRULE2(this.range)));
    });
    const first = this.head(parts);
    return parts.length === 1 ? first : { kind: 'pipe', parts, span: this.from(first) };
  });

  protected readonly range = this.RULE('range', (): Expression => {
    const from = this.value(this.SUBRULE(this.sum));
    let to: Expression | undefined;
    this.OPTION(() => {
      this.CONSUME(t.DotDot);
      to = this.value(this.SUBRULE2(this.sum));
    });
    return to ? { kind: 'range', from, to, span: this.from(from) } : from;
  });

  protected readonly sum = this.RULE('sum', (): Expression => {
    const operands: Expression[] = [this.value(this.SUBRULE(this.product))];
    const operators: Operator[] = [];
    this.MANY(() => {
      const sign = this.OR([{ ALT: () => this.CONSUME(t.Plus) }, { ALT: () => this.CONSUME(t.Minus) }]);
      operators.push(additive.get(sign.tokenType) ?? '+');
      operands.push(this.value(this.SUBRULE2(this.product)));
    });
    return this.chain(operands, operators);
  });

  protected readonly product = this.RULE('product', (): Expression => {
    const operands: Expression[] = [this.value(this.SUBRULE(this.power))];
    const operators: Operator[] = [];
    this.MANY(() => {
      const sign = this.OR([
        { ALT: () => this.CONSUME(t.Star) },
        { ALT: () => this.CONSUME(t.Slash) },
        { ALT: () => this.CONSUME(t.Percent) },
      ]);
      operators.push(multiplicative.get(sign.tokenType) ?? '*');
      operands.push(this.value(this.SUBRULE2(this.power)));
    });
    return this.chain(operands, operators);
  });

  protected readonly power = this.RULE('power', (): Expression => {
    const operands: Expression[] = [this.value(this.SUBRULE(this.negation))];
    const operators: Operator[] = [];
    this.MANY(() => {
      this.CONSUME(t.Caret);
      operators.push('^');
      operands.push(this.value(this.SUBRULE2(this.negation)));
    });
    return this.chain(operands, operators);
  });

  protected readonly negation = this.RULE('negation', (): Expression => {
    let first: IToken | undefined;
    this.OPTION(() => {
      first = this.CONSUME(t.Minus);
    });
    const operand = this.value(this.SUBRULE(this.dims));
    return first ? { kind: 'negation', operand, span: this.since(first) } : operand;
  });

  protected readonly dims = this.RULE('dims', (): Expression => {
    const sizes: Expression[] = [this.value(this.SUBRULE(this.primary))];
    this.MANY(() => {
      this.CONSUME(t.Times);
      sizes.push(this.value(this.SUBRULE2(this.primary)));
    });
    const first = this.head(sizes);
    return sizes.length === 1 ? first : { kind: 'dims', sizes, span: this.from(first) };
  });

  protected readonly primary = this.RULE('primary', (): Expression => {
    return this.OR<Expression>([
      {
        ALT: () => {
          const literal = this.CONSUME(t.NumberToken);
          return this.ACTION(() => this.number(literal));
        },
      },
      {
        ALT: () => {
          const literal = this.CONSUME(t.StringToken);
          return this.ACTION(() => this.string(literal));
        },
      },
      {
        ALT: () => {
          const first = this.CONSUME(t.LeftParen);
          const inner = this.value(this.SUBRULE(this.expression));
          this.CONSUME(t.RightParen);
          return { kind: 'group', inner, span: this.since(first) };
        },
      },
      { ALT: () => this.SUBRULE(this.list) },
      { GATE: () => !this.beginsNextItem(), ALT: () => this.SUBRULE(this.reference) },
    ]);
  });

  protected readonly list = this.RULE('list', (): Expression => {
    const items: Expression[] = [];
    const first = this.CONSUME(t.LeftSquare);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => items.push(this.value(this.SUBRULE(this.expression))) });
    this.CONSUME(t.RightSquare);
    return { kind: 'list', items, span: this.since(first) };
  });

  /** A name, a call or an indexed name, each with at most one member after it. */
  protected readonly reference = this.RULE('reference', (): Expression => {
    const name = this.SUBRULE(this.identifier);
    let node: Expression = { kind: 'name', name: this.nameOf(name), span: this.from(name) };
    this.OPTION({
      // On a new line, `(` or `[` begins the next item.
      GATE: () => this.LA(0).endLine === this.LA(1).startLine,
      DEF: () => {
        this.OR([
          {
            ALT: () => {
              const args: Argument[] = [];
              this.CONSUME(t.LeftParen);
              this.MANY_SEP({ SEP: t.Comma, DEF: () => args.push(this.SUBRULE(this.argument)) });
              this.CONSUME(t.RightParen);
              node = { kind: 'call', callee: name, args: args.filter(Boolean), span: this.from(name) };
            },
          },
          {
            ALT: () => {
              const indices: Expression[] = [];
              this.CONSUME(t.LeftSquare);
              this.AT_LEAST_ONE_SEP({
                SEP: t.Comma,
                DEF: () => indices.push(this.value(this.SUBRULE(this.expression))),
              });
              this.CONSUME(t.RightSquare);
              const target = { kind: 'name', name: this.nameOf(name), span: this.from(name) } as const;
              node = {
                kind: 'index',
                target: { ...target, span: name?.span ?? target.span },
                indices,
                span: this.from(name),
              };
            },
          },
        ]);
      },
    });
    this.OPTION2(() => {
      this.CONSUME(t.Dot);
      const member = this.SUBRULE2(this.identifier);
      node = { kind: 'member', target: node, member, span: this.from(name) };
    });
    return node;
  });

  protected readonly argument = this.RULE('argument', (): Argument => {
    let name: IdentifierNode | undefined;
    this.OPTION({
      GATE: () => this.LA(2).tokenType === t.Colon,
      DEF: () => {
        name = this.SUBRULE(this.identifier);
        this.CONSUME(t.Colon);
      },
    });
    const value = this.value(this.SUBRULE(this.expression));
    return { kind: 'argument', ...(name ? { name } : {}), value, span: this.from(name ?? value) };
  });

  protected readonly identifier = this.RULE(
    'identifier',
    (): IdentifierNode => {
      const token = this.CONSUME(t.IdentifierToken);
      return { kind: 'identifier', name: token.image, span: this.since(token) };
    },
    // A name that could not be read is empty: the tree always has a node for it.
    { recoveryValueFunc: (): IdentifierNode => ({ kind: 'identifier', name: '', span: this.here() }) },
  );

  // Looking ahead

  /** Whether the next token is the name of a setting: `expect = 3`, `vary[1] = 2`. A keyword is a name there. */
  protected isAssigned(): boolean {
    const next = this.LA(2).tokenType;
    return next === t.Equals || next === t.LeftSquare;
  }

  protected beginsNextItem(): boolean {
    if (this.nextItem === 'none') return false;
    return this.nextItem === 'row' ? this.beginsRow() : this.beginsAttribute();
  }

  /** Whether a row of `expect` begins on a new line: `name ==`, `name[...].crop ==`. */
  protected beginsRow(): boolean {
    if (this.LA(0).endLine === this.LA(1).startLine) return false;
    let ahead = 2;
    for (let depth = 0; ahead < SELECTOR_LIMIT; ahead += 1) {
      const type = this.LA(ahead).tokenType;
      const newLine = this.LA(ahead - 1).endLine !== this.LA(ahead).startLine;
      if (depth === 0 && newLine && t.openingBrackets.has(type)) return false;
      if (t.openingBrackets.has(type)) depth += 1;
      else if (t.closingBrackets.has(type)) depth -= 1;
      else if (depth === 0 && type === t.Dot) ahead += 1;
      else if (depth === 0) break;
      if (depth < 0) return false;
    }
    return comparisons.has(this.LA(ahead).tokenType);
  }

  /** Whether a setting begins here: `name =` or `name[...] =`. */
  protected beginsAttribute(): boolean {
    if (this.LA(2).tokenType === t.Equals) return true;
    if (this.LA(2).tokenType !== t.LeftSquare) return false;
    for (let ahead = 3; ahead < SELECTOR_LIMIT; ahead += 1) {
      const type = this.LA(ahead).tokenType;
      if (type === t.RightSquare) return this.LA(ahead + 1).tokenType === t.Equals;
      if (type === t.LeftCurly || type === t.RightCurly) return false;
    }
    return false;
  }
}
