import { EmbeddedActionsParser, type IToken, type TokenType } from 'chevrotain';
import type { SourceFile } from '../src/source/source-file.js';
import type { Span } from '../src/source/span.js';
import type {
  AblationDeclaration,
  Argument,
  Attribute,
  Binding,
  BlockDeclaration,
  BlockParameter,
  Comparison,
  Declaration,
  ExpectBlock,
  ExpectRow,
  Expression,
  Identifier as IdentifierNode,
  ImportDeclaration,
  LanguageVersion,
  Missing,
  NumberLiteral as NumberNode,
  Operator,
  ParamDeclaration,
  StringLiteral as StringNode,
  TrainingDeclaration,
  UnetDeclaration,
  Variant as VariantNode,
  Vary as VaryNode,
} from './ast.js';
import { numberOf, stringOf } from './literals.js';
import { Expectations, TooManyErrors } from './syntax-errors.js';
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
const comparisons: ReadonlyMap<TokenType, Comparison> = new Map([
  [t.EqualEqual, '=='],
  [t.NotEqual, '!='],
  [t.LessEqual, '<='],
  [t.GreaterEqual, '>='],
  [t.Less, '<'],
  [t.Greater, '>'],
]);

/** How far ahead `[...]` is followed to see whether `name[...] =` begins. */
const SELECTOR_LIMIT = 64;

/**
 * The grammar: one method a rule, each returns its node. One declaration is parsed at a time
 * (see parse.ts), so that an error in one never hides the next.
 *
 * While Chevrotain records the grammar, tokens carry no meaning; the code here only passes them on.
 */
export class UnetParser extends EmbeddedActionsParser {
  private file: SourceFile | undefined;
  /** What would show, at the place of a value, that the value is missing and the next thing begins. */
  private nextThing: 'attribute' | 'row' | 'none' = 'none';
  private readonly expectations: Expectations;

  constructor() {
    const expectations = new Expectations();
    super([...t.allTokens], {
      recoveryEnabled: true,
      maxLookahead: 2,
      errorMessageProvider: expectations,
      skipValidations: true,
    });
    this.expectations = expectations;
    this.performSelfAnalysis();
  }

  /**
   * Parses one declaration from its tokens; errors are left in `errors`, and the message of each is what was
   * expected. Gives up, without a declaration, after `errorLimit` errors.
   */
  parseDeclaration(file: SourceFile, tokens: IToken[], errorLimit: number): Declaration | undefined {
    return this.limited(file, tokens, errorLimit, () => this.declaration());
  }

  /** Parses one value from its tokens; errors are left in `errors`. */
  parseValue(file: SourceFile, tokens: IToken[]): Expression | undefined {
    return this.limited(file, tokens, 1, () => this.expression());
  }

  private limited<T>(file: SourceFile, tokens: IToken[], errors: number, rule: () => T): T | undefined {
    this.file = file;
    this.input = tokens;
    this.nextThing = 'none';
    this.expectations.left = errors;
    try {
      return rule();
    } catch (error) {
      if (error instanceof TooManyErrors) return undefined;
      throw error;
    }
  }

  /** Only punctuation may be made up by recovery: a made-up number would be read as a value. */
  protected override canTokenTypeBeInsertedInRecovery(type: TokenType): boolean {
    return t.insertable.has(type);
  }

  /** Nothing is skipped to reach a name: in `unet { depth = 4 }` the name is missing, and the brace is not too many. */
  protected override canTokenTypeBeDeletedInRecovery(type: TokenType): boolean {
    return type !== t.Identifier;
  }

  readonly declaration = this.RULE('declaration', (): Declaration => {
    const node = this.OR<Declaration>([
      { ALT: () => this.SUBRULE(this.languageVersion) },
      { ALT: () => this.SUBRULE(this.importDeclaration) },
      { ALT: () => this.SUBRULE(this.paramDeclaration) },
      { ALT: () => this.SUBRULE(this.unetDeclaration) },
      { ALT: () => this.SUBRULE(this.blockDeclaration) },
      { ALT: () => this.SUBRULE(this.trainingDeclaration) },
      { ALT: () => this.SUBRULE(this.ablationDeclaration) },
    ]);
    this.MANY(() => this.CONSUME(t.Semicolon));
    return node;
  });

  private readonly languageVersion = this.RULE('languageVersion', (): LanguageVersion => {
    const first = this.CONSUME(t.Language);
    const version = this.CONSUME(t.NumberLiteral);
    return {
      kind: 'language',
      version: this.ACTION(() => this.number(version)),
      span: this.since(first),
    };
  });

  private readonly importDeclaration = this.RULE('importDeclaration', (): ImportDeclaration => {
    const first = this.CONSUME(t.Import);
    const names: IdentifierNode[] = [];
    this.CONSUME(t.LeftCurly);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => names.push(this.SUBRULE(this.identifier)) });
    this.CONSUME(t.RightCurly);
    this.CONSUME(t.From);
    const path = this.CONSUME(t.StringLiteral);
    return { kind: 'import', names, from: this.ACTION(() => this.string(path)), span: this.since(first) };
  });

  private readonly paramDeclaration = this.RULE('paramDeclaration', (): ParamDeclaration => {
    const first = this.CONSUME(t.Param);
    const name = this.SUBRULE(this.identifier);
    this.CONSUME(t.Equals);
    const value = this.value(this.SUBRULE(this.expression));
    return { kind: 'param', name, value, span: this.since(first) };
  });

  private readonly unetDeclaration = this.RULE('unetDeclaration', (): UnetDeclaration => {
    const first = this.CONSUME(t.Unet);
    const name = this.SUBRULE(this.identifier);
    let base: IdentifierNode | undefined;
    this.OPTION(() => {
      this.CONSUME(t.Extends);
      base = this.SUBRULE2(this.identifier);
    });
    this.CONSUME(t.LeftCurly);
    const members: (Attribute | ExpectBlock)[] = [];
    this.MANY(() => {
      this.OR({
        MAX_LOOKAHEAD: 1,
        DEF: [
          { GATE: () => !this.isAssigned(), ALT: () => members.push(this.SUBRULE(this.expectBlock)) },
          { ALT: () => members.push(this.SUBRULE(this.attribute)) },
          { ALT: () => this.CONSUME(t.Semicolon) },
        ],
      });
    });
    this.CONSUME(t.RightCurly);
    return {
      kind: 'unet',
      name,
      ...(base ? { base } : {}),
      members: members.filter(Boolean),
      span: this.since(first),
    };
  });

  private readonly attribute = this.RULE('attribute', (): Attribute => {
    this.nextThing = 'attribute';
    const name = this.SUBRULE(this.identifier);
    let levels: Expression[] | undefined;
    this.OPTION(() => {
      levels = [];
      this.CONSUME(t.LeftSquare);
      this.AT_LEAST_ONE_SEP({
        SEP: t.Comma,
        DEF: () => levels?.push(this.value(this.SUBRULE(this.expression))),
      });
      this.CONSUME(t.RightSquare);
    });
    this.CONSUME(t.Equals);
    const value = this.value(this.SUBRULE2(this.expression));
    return { kind: 'attribute', name, ...(levels ? { levels } : {}), value, span: this.from(name) };
  });

  private readonly expectBlock = this.RULE('expectBlock', (): ExpectBlock => {
    const first = this.CONSUME(t.Expect);
    this.CONSUME(t.LeftCurly);
    const rows: ExpectRow[] = [];
    this.MANY(() => {
      this.OR([
        { ALT: () => rows.push(this.SUBRULE(this.expectRow)) },
        { ALT: () => this.CONSUME(t.Semicolon) },
      ]);
    });
    this.CONSUME(t.RightCurly);
    return { kind: 'expect', rows: rows.filter(Boolean), span: this.since(first) };
  });

  private readonly expectRow = this.RULE('expectRow', (): ExpectRow => {
    this.nextThing = 'none';
    const left = this.value(this.SUBRULE(this.sum));
    let operator: Comparison | undefined;
    let right: Expression | undefined;
    let within: Expression | undefined;
    this.OPTION(() => {
      const sign = this.OR([
        { ALT: () => this.CONSUME(t.EqualEqual) },
        { ALT: () => this.CONSUME(t.NotEqual) },
        { ALT: () => this.CONSUME(t.LessEqual) },
        { ALT: () => this.CONSUME(t.GreaterEqual) },
        { ALT: () => this.CONSUME(t.Less) },
        { ALT: () => this.CONSUME(t.Greater) },
      ]);
      operator = comparisons.get(sign.tokenType);
      this.nextThing = 'row';
      right = this.value(this.SUBRULE2(this.sum));
      this.OPTION2(() => {
        this.CONSUME(t.Within);
        within = this.value(this.SUBRULE3(this.sum));
      });
    });
    return {
      kind: 'row',
      left,
      ...(operator ? { operator } : {}),
      ...(right ? { right } : {}),
      ...(within ? { within } : {}),
      span: this.from(left),
    };
  });

  private readonly blockDeclaration = this.RULE('blockDeclaration', (): BlockDeclaration => {
    this.nextThing = 'none';
    const first = this.CONSUME(t.Block);
    const name = this.SUBRULE(this.identifier);
    const parameters: BlockParameter[] = [];
    this.OPTION(() => {
      this.CONSUME(t.LeftParen);
      this.MANY_SEP({ SEP: t.Comma, DEF: () => parameters.push(this.SUBRULE(this.blockParameter)) });
      this.CONSUME(t.RightParen);
    });
    this.CONSUME(t.LeftCurly);
    const bindings: Binding[] = [];
    this.MANY({
      GATE: () => this.LA(2).tokenType === t.Equals || this.LA(1).tokenType === t.Semicolon,
      DEF: () => {
        this.OR([
          { ALT: () => bindings.push(this.SUBRULE(this.binding)) },
          { ALT: () => this.CONSUME(t.Semicolon) },
        ]);
      },
    });
    const result = this.value(this.SUBRULE(this.expression));
    this.MANY2(() => this.CONSUME2(t.Semicolon));
    this.CONSUME(t.RightCurly);
    return {
      kind: 'block',
      name,
      parameters: parameters.filter(Boolean),
      bindings: bindings.filter(Boolean),
      result,
      span: this.since(first),
    };
  });

  private readonly blockParameter = this.RULE('blockParameter', (): BlockParameter => {
    const name = this.SUBRULE(this.identifier);
    let fallback: Expression | undefined;
    this.OPTION(() => {
      this.CONSUME(t.Equals);
      fallback = this.value(this.SUBRULE(this.expression));
    });
    return { kind: 'parameter', name, ...(fallback ? { fallback } : {}), span: this.from(name) };
  });

  private readonly binding = this.RULE('binding', (): Binding => {
    this.nextThing = 'attribute';
    const name = this.SUBRULE(this.identifier);
    this.CONSUME(t.Equals);
    const value = this.value(this.SUBRULE(this.expression));
    return { kind: 'binding', name, value, span: this.from(name) };
  });

  private readonly trainingDeclaration = this.RULE('trainingDeclaration', (): TrainingDeclaration => {
    const first = this.CONSUME(t.Training);
    const name = this.SUBRULE(this.identifier);
    const members = this.SUBRULE(this.attributes);
    return { kind: 'training', name, members: members ?? [], span: this.since(first) };
  });

  private readonly ablationDeclaration = this.RULE('ablationDeclaration', (): AblationDeclaration => {
    const first = this.CONSUME(t.Ablation);
    const name = this.SUBRULE(this.identifier);
    this.CONSUME(t.Of);
    const of = this.SUBRULE2(this.identifier);
    let recipe: IdentifierNode | undefined;
    this.OPTION(() => {
      this.CONSUME(t.With);
      recipe = this.SUBRULE3(this.identifier);
    });
    this.CONSUME(t.LeftCurly);
    const members: (Attribute | VaryNode | VariantNode)[] = [];
    this.MANY(() => {
      this.OR({
        MAX_LOOKAHEAD: 1,
        DEF: [
          { GATE: () => !this.isAssigned(), ALT: () => members.push(this.SUBRULE(this.vary)) },
          { GATE: () => !this.isAssigned(), ALT: () => members.push(this.SUBRULE(this.variant)) },
          { ALT: () => members.push(this.SUBRULE(this.attribute)) },
          { ALT: () => this.CONSUME(t.Semicolon) },
        ],
      });
    });
    this.CONSUME(t.RightCurly);
    return {
      kind: 'ablation',
      name,
      of,
      ...(recipe ? { recipe } : {}),
      members: members.filter(Boolean),
      span: this.since(first),
    };
  });

  private readonly vary = this.RULE('vary', (): VaryNode => {
    const first = this.CONSUME(t.Vary);
    const attribute = this.SUBRULE(this.attribute);
    return { kind: 'vary', attribute, span: this.since(first) };
  });

  private readonly variant = this.RULE('variant', (): VariantNode => {
    const first = this.CONSUME(t.Variant);
    const name = this.SUBRULE(this.identifier);
    const members = this.SUBRULE(this.attributes);
    return { kind: 'variant', name, members: members ?? [], span: this.since(first) };
  });

  private readonly attributes = this.RULE('attributes', (): Attribute[] => {
    const members: Attribute[] = [];
    this.CONSUME(t.LeftCurly);
    this.MANY(() => {
      this.OR([
        { ALT: () => members.push(this.SUBRULE(this.attribute)) },
        { ALT: () => this.CONSUME(t.Semicolon) },
      ]);
    });
    this.CONSUME(t.RightCurly);
    return members.filter(Boolean);
  });

  // Expressions, loosest binding first

  private readonly expression = this.RULE('expression', (): Expression => {
    const stages: Expression[] = [this.value(this.SUBRULE(this.range))];
    this.MANY(() => {
      this.CONSUME(t.Arrow);
      stages.push(this.value(this.SUBRULE2(this.range)));
    });
    const first = this.head(stages);
    return stages.length === 1 ? first : { kind: 'pipe', stages, span: this.from(first) };
  });

  private readonly range = this.RULE('range', (): Expression => {
    const from = this.value(this.SUBRULE(this.sum));
    let to: Expression | undefined;
    this.OPTION(() => {
      this.CONSUME(t.DotDot);
      to = this.value(this.SUBRULE2(this.sum));
    });
    return to ? { kind: 'range', from, to, span: this.from(from) } : from;
  });

  private readonly sum = this.RULE('sum', (): Expression => {
    const operands: Expression[] = [this.value(this.SUBRULE(this.product))];
    const operators: Operator[] = [];
    this.MANY(() => {
      const sign = this.OR([{ ALT: () => this.CONSUME(t.Plus) }, { ALT: () => this.CONSUME(t.Minus) }]);
      operators.push(additive.get(sign.tokenType) ?? '+');
      operands.push(this.value(this.SUBRULE2(this.product)));
    });
    return this.chain(operands, operators);
  });

  private readonly product = this.RULE('product', (): Expression => {
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

  private readonly power = this.RULE('power', (): Expression => {
    const operands: Expression[] = [this.value(this.SUBRULE(this.negation))];
    const operators: Operator[] = [];
    this.MANY(() => {
      this.CONSUME(t.Caret);
      operators.push('^');
      operands.push(this.value(this.SUBRULE2(this.negation)));
    });
    return this.chain(operands, operators);
  });

  private readonly negation = this.RULE('negation', (): Expression => {
    let first: IToken | undefined;
    this.OPTION(() => {
      first = this.CONSUME(t.Minus);
    });
    const operand = this.value(this.SUBRULE(this.dims));
    return first ? { kind: 'negation', operand, span: this.since(first) } : operand;
  });

  private readonly dims = this.RULE('dims', (): Expression => {
    const sizes: Expression[] = [this.value(this.SUBRULE(this.primary))];
    this.MANY(() => {
      this.CONSUME(t.Times);
      sizes.push(this.value(this.SUBRULE2(this.primary)));
    });
    const first = this.head(sizes);
    return sizes.length === 1 ? first : { kind: 'dims', sizes, span: this.from(first) };
  });

  private readonly primary = this.RULE('primary', (): Expression => {
    return this.OR<Expression>([
      {
        ALT: () => {
          const literal = this.CONSUME(t.NumberLiteral);
          return this.ACTION(() => this.number(literal));
        },
      },
      {
        ALT: () => {
          const literal = this.CONSUME(t.StringLiteral);
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
      { GATE: () => !this.beginsNextThing(), ALT: () => this.SUBRULE(this.reference) },
    ]);
  });

  private readonly list = this.RULE('list', (): Expression => {
    const items: Expression[] = [];
    const first = this.CONSUME(t.LeftSquare);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => items.push(this.value(this.SUBRULE(this.expression))) });
    this.CONSUME(t.RightSquare);
    return { kind: 'list', items, span: this.since(first) };
  });

  /** A name, a call, an indexed name; each with at most one member behind it. */
  private readonly reference = this.RULE('reference', (): Expression => {
    const name = this.SUBRULE(this.identifier);
    let node: Expression = { kind: 'name', name: this.nameOf(name), span: this.from(name) };
    this.OPTION({
      // On a line of its own, `(` or `[` begins the next thing.
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

  private readonly argument = this.RULE('argument', (): Argument => {
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

  private readonly identifier = this.RULE(
    'identifier',
    (): IdentifierNode => {
      const token = this.CONSUME(t.Identifier);
      return { kind: 'identifier', name: token.image, span: this.since(token) };
    },
    // A name that could not be read is empty: no node of the tree is ever left out.
    { recoveryValueFunc: (): IdentifierNode => ({ kind: 'identifier', name: '', span: this.here() }) },
  );

  // What is not a rule

  /** Whether the next token is a name that is set: `expect = 3`, `vary[1] = 2`. Keywords are names there. */
  private isAssigned(): boolean {
    const next = this.LA(2).tokenType;
    return next === t.Equals || next === t.LeftSquare;
  }

  private beginsNextThing(): boolean {
    if (this.nextThing === 'none') return false;
    return this.nextThing === 'row' ? this.beginsRow() : this.beginsAttribute();
  }

  /** Whether a new line begins with `name ==`, `name[...].crop ==` or the like. */
  private beginsRow(): boolean {
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

  /** Whether `name =` or `name[...] =` stands here: then a value is missing before it. */
  private beginsAttribute(): boolean {
    if (this.LA(2).tokenType === t.Equals) return true;
    if (this.LA(2).tokenType !== t.LeftSquare) return false;
    for (let ahead = 3; ahead < SELECTOR_LIMIT; ahead += 1) {
      const type = this.LA(ahead).tokenType;
      if (type === t.RightSquare) return this.LA(ahead + 1).tokenType === t.Equals;
      if (type === t.LeftCurly || type === t.RightCurly) return false;
    }
    return false;
  }

  private chain(operands: Expression[], operators: Operator[]): Expression {
    const first = this.head(operands);
    return operands.length === 1 ? first : { kind: 'chain', operands, operators, span: this.from(first) };
  }

  private head(list: readonly Expression[]): Expression {
    return list[0] ?? this.missing();
  }

  /** Rules return nothing where recovery gave up on them. */
  private value(node: Expression | undefined): Expression {
    return node ?? this.missing();
  }

  private missing(): Missing {
    return { kind: 'missing', span: this.here() };
  }

  private nameOf(node: IdentifierNode | undefined): string {
    return node?.name ?? '';
  }

  private number(token: IToken): NumberNode | Missing {
    return token.isInsertedInRecovery ? this.missing() : numberOf(token.image, this.since(token));
  }

  private string(token: IToken): StringNode | Missing {
    return token.isInsertedInRecovery ? this.missing() : stringOf(token.image, this.since(token));
  }

  private since(first: IToken): Span {
    return this.spanFrom(first.startOffset);
  }

  /** From a node on. Where recovery or the recording of the grammar left no node, from here. */
  private from(first: { readonly span?: Span } | undefined): Span {
    return this.spanFrom(first?.span?.start ?? Number.NaN);
  }

  private here(): Span {
    return this.spanFrom(Number.NaN);
  }

  /** From an offset to the end of the last token read. Chevrotain's ends are inclusive, and NaN where made up. */
  private spanFrom(start: number): Span {
    const last = this.LA(0);
    const end = Number.isFinite(last?.endOffset) ? (last.endOffset ?? 0) + 1 : 0;
    const from = Number.isFinite(start) && start >= 0 ? Math.min(start, end) : end;
    // While the grammar is recorded there is no file, and nobody looks at the span.
    return { file: this.file as SourceFile, start: from, end };
  }
}

let parser: UnetParser | undefined;

/** The one parser of a process, made on first use. */
export function unetParser(): UnetParser {
  parser ??= new UnetParser();
  return parser;
}
