import type { IToken } from 'chevrotain';
import type { SourceFile } from '../../src/diagnostics/source-file.js';
import type {
  AblationDeclaration,
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
  ParamDeclaration,
  TrainingDeclaration,
  UnetDeclaration,
  Variant as VariantNode,
  Vary as VaryNode,
} from '../ast.js';
import { comparisons, ExpressionParser } from './expression-parser.js';
import * as t from './tokens.js';

/**
 * The grammar: the rules of declarations in addition to those of expressions. It parses one declaration at a time (see
 * parse.ts), so that an error in one declaration never hides the next.
 */
export class UnetParser extends ExpressionParser {
  constructor() {
    super();
    this.performSelfAnalysis();
  }

  /**
   * Parses one declaration from its tokens. Errors are left in `errors`; the message of each says what was expected. Gives
   * up, and returns undefined, after `errorLimit` errors.
   */
  parseDeclaration(file: SourceFile, tokens: IToken[], errorLimit: number): Declaration | undefined {
    return this.limited(file, tokens, errorLimit, () => this.declaration());
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
    const version = this.CONSUME(t.NumberToken);
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
    const path = this.CONSUME(t.StringToken);
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
    this.nextItem = 'attribute';
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
    this.nextItem = 'none';
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
      this.nextItem = 'row';
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
    this.nextItem = 'none';
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
    this.nextItem = 'attribute';
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
    const first = this.CONSUME(t.VaryToken);
    const attribute = this.SUBRULE(this.attribute);
    return { kind: 'vary', attribute, span: this.since(first) };
  });

  private readonly variant = this.RULE('variant', (): VariantNode => {
    const first = this.CONSUME(t.VariantToken);
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
}

let parser: UnetParser | undefined;

/** The parser, which is made on its first use. */
export function unetParser(): UnetParser {
  parser ??= new UnetParser();
  return parser;
}
