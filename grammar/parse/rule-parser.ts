import { EmbeddedActionsParser, type IToken, type TokenType } from 'chevrotain';
import type { SourceFile } from '../../src/diagnostics/source-file.js';
import type { Span } from '../../src/diagnostics/span.js';
import type {
  Expression,
  Identifier as IdentifierNode,
  Missing,
  NumberLiteral as NumberNode,
  Operator,
  StringLiteral as StringNode,
  Unit,
} from '../ast.js';
import { Expectations, TooManyErrors } from './syntax-errors.js';
import * as t from './tokens.js';

/**
 * What all rules of the grammar share: recovery from errors, spans, and the nodes for what could not be read.
 *
 * Chevrotain calls each rule once to record the grammar. The tokens then carry no meaning; the rules only pass them on.
 */
export abstract class RuleParser extends EmbeddedActionsParser {
  private file: SourceFile | undefined;
  private readonly expectations: Expectations;

  /** The class that adds the last rule calls `performSelfAnalysis`. */
  protected constructor() {
    const expectations = new Expectations();
    super([...t.allTokens], {
      recoveryEnabled: true,
      maxLookahead: 2,
      errorMessageProvider: expectations,
      skipValidations: true,
    });
    this.expectations = expectations;
  }

  /** Runs a rule on tokens of a file. Gives up, and returns undefined, after more than `errors` errors. */
  protected limited<T>(file: SourceFile, tokens: IToken[], errors: number, rule: () => T): T | undefined {
    this.file = file;
    this.input = tokens;
    this.expectations.left = errors;
    try {
      return rule();
    } catch (error) {
      if (error instanceof TooManyErrors) return undefined;
      throw error;
    }
  }

  /** Recovery inserts only punctuation: an inserted number would be read as a value. */
  protected override canTokenTypeBeInsertedInRecovery(type: TokenType): boolean {
    return t.insertable.has(type);
  }

  /** Recovery skips nothing to reach a name: in `unet { depth = 4 }` the name is missing; the brace is not surplus. */
  protected override canTokenTypeBeDeletedInRecovery(type: TokenType): boolean {
    return type !== t.IdentifierToken;
  }

  protected chain(operands: Expression[], operators: Operator[]): Expression {
    const first = this.head(operands);
    return operands.length === 1 ? first : { kind: 'chain', operands, operators, span: this.from(first) };
  }

  protected head(list: readonly Expression[]): Expression {
    return list[0] ?? this.missing();
  }

  /** A rule returns undefined if recovery gave it up. */
  protected value(node: Expression | undefined): Expression {
    return node ?? this.missing();
  }

  protected missing(): Missing {
    return { kind: 'missing', span: this.here() };
  }

  protected nameOf(node: IdentifierNode | undefined): string {
    return node?.name ?? '';
  }

  protected number(token: IToken): NumberNode | Missing {
    return token.isInsertedInRecovery ? this.missing() : numberOf(token.image, this.since(token));
  }

  protected string(token: IToken): StringNode | Missing {
    return token.isInsertedInRecovery ? this.missing() : stringOf(token.image, this.since(token));
  }

  /** From a token to the last token read. */
  protected since(first: IToken): Span {
    return this.spanFrom(first.startOffset);
  }

  /** From a node to the last token read. Without a node, after recovery or while the grammar is recorded, as `here`. */
  protected from(first: { readonly span?: Span } | undefined): Span {
    return this.spanFrom(first?.span?.start ?? Number.NaN);
  }

  /** The empty span after the last token read. */
  protected here(): Span {
    return this.spanFrom(Number.NaN);
  }

  /** Chevrotain's ends are inclusive, and NaN for inserted tokens. */
  private spanFrom(start: number): Span {
    const last = this.LA(0);
    const end = Number.isFinite(last?.endOffset) ? (last.endOffset ?? 0) + 1 : 0;
    const from = Number.isFinite(start) && start >= 0 ? Math.min(start, end) : end;
    // While the grammar is recorded there is no file, and nothing reads the span.
    return { file: this.file as SourceFile, start: from, end };
  }
}

const shape = /^([\d_.eE+-]+?)(um|µm|mm|px)?$/;

/** Splits a written number into its value and its unit; `µm` becomes `um`. */
function numberOf(image: string, span: Span): NumberNode {
  const [, digits = image, suffix] = shape.exec(image) ?? [];
  const value = Number(digits.replaceAll('_', ''));
  if (suffix === undefined) return { kind: 'number', value, span };
  const unit: Unit = suffix === 'mm' || suffix === 'px' ? suffix : 'um';
  return { kind: 'number', value, unit, span };
}

/** Takes off the quotes of a string; `\"` and `\\` become the characters `"` and `\`. */
function stringOf(image: string, span: Span): StringNode {
  return { kind: 'string', value: image.slice(1, -1).replace(/\\(["\\])/g, '$1'), span };
}
