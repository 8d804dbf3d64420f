import { EOF, type IParserErrorMessageProvider, type TokenType } from 'chevrotain';
import * as t from './tokens.js';

/** What a rule is called in an error message. */
const ruleWords: Record<string, string> = {
  declaration: 'a declaration',
  unetDeclaration: 'an attribute `name = value`, `expect { ... }` or `}`',
  expectBlock: 'a row such as `output == 2 x 388 x 388` or `}`',
  expectRow: 'a comparison',
  attributes: 'an attribute `name = value` or `}`',
  ablationDeclaration: '`vary`, `variant`, an attribute `name = value` or `}`',
  blockDeclaration: 'an operator, `->` or `}`',
};

/** Rules whose brackets hold a list: where the closing one is missing, a comma could stand as well. */
const listRules = new Set(['list', 'reference', 'blockDeclaration', 'importDeclaration', 'attribute']);

/** Thrown out of the parser when a declaration has more errors than anyone reads. */
export class TooManyErrors extends Error {}

/**
 * Makes each of Chevrotain's errors say what was expected, and only that: explain-syntax-error.ts, which
 * sees the tokens around, makes the message. Counts them too, since recovery from very many takes long.
 */
export class Expectations implements IParserErrorMessageProvider {
  /** How many more errors may come. */
  left = 0;

  buildMismatchTokenMessage({ expected, ruleName }: { expected: TokenType; ruleName: string }): string {
    if (expected === t.RightCurly && ruleWords[ruleName]) return this.counted(ruleWords[ruleName]);
    if (expected === EOF) return this.counted('a declaration');
    const label = expected.LABEL ?? expected.name;
    const comma = listRules.has(ruleName) && t.closingBrackets.has(expected);
    return this.counted(comma ? `\`,\` or ${label}` : label);
  }

  buildNotAllInputParsedMessage(): string {
    return this.counted('a declaration');
  }

  buildNoViableAltMessage({ ruleName }: { ruleName: string }): string {
    return this.counted(ruleWords[ruleName] ?? 'a value');
  }

  buildEarlyExitMessage(): string {
    return this.counted('a value');
  }

  private counted(message: string): string {
    this.left -= 1;
    if (this.left < 0) throw new TooManyErrors();
    return message;
  }
}
