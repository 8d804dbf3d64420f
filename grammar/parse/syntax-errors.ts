import {
  EOF,
  type IParserErrorMessageProvider,
  type IRecognitionException,
  type TokenType,
} from 'chevrotain';
import type { Expected, ShownToken } from '../../src/diagnostics/codes/spec/syntax.js';
import * as t from './tokens.js';

/** What a rule expects where none of its alternatives fits. */
const expectedByRule: Readonly<Record<string, Expected>> = {
  declaration: 'declaration',
  unetDeclaration: 'network item',
  expectBlock: 'expect row',
  expectRow: 'comparison',
  attributes: 'attribute',
  ablationDeclaration: 'ablation item',
  blockDeclaration: 'rest of block',
};

/** What is expected where a token is missing that can have many texts. */
const expectedByToken: ReadonlyMap<TokenType, Expected> = new Map<TokenType, Expected>([
  [EOF, 'declaration'],
  [t.IdentifierToken, 'name'],
  [t.NumberToken, 'number'],
  [t.StringToken, 'string'],
]);

/** Rules whose brackets contain a list. If the closing bracket is missing, a comma could follow as well. */
const listRules = new Set(['list', 'reference', 'blockDeclaration', 'importDeclaration', 'attribute']);

/** Thrown out of the parser if a declaration has more errors than anyone reads. */
export class TooManyErrors extends Error {}

/**
 * Gives each of Chevrotain's errors what was expected as its message. explain-syntax-error.ts makes the sentence, since
 * it sees the tokens around the error. Also counts the errors, because recovery from very many takes long.
 */
export class Expectations implements IParserErrorMessageProvider {
  /** How many more errors may follow. */
  left = 0;

  buildMismatchTokenMessage({ expected, ruleName }: { expected: TokenType; ruleName: string }): Expected {
    const known = expected === t.RightCurly ? expectedByRule[ruleName] : expectedByToken.get(expected);
    if (known) return this.counted(known);
    // All other tokens have one text, which their label shows in backticks.
    const label = expected.LABEL as ShownToken;
    const comma = listRules.has(ruleName) && t.closingBrackets.has(expected);
    return this.counted(comma ? `\`,\` or ${label}` : label);
  }

  buildNotAllInputParsedMessage(): Expected {
    return this.counted('declaration');
  }

  buildNoViableAltMessage({ ruleName }: { ruleName: string }): Expected {
    return this.counted(expectedByRule[ruleName] ?? 'value');
  }

  buildEarlyExitMessage(): Expected {
    return this.counted('value');
  }

  private counted(expected: Expected): Expected {
    this.left -= 1;
    if (this.left < 0) throw new TooManyErrors();
    return expected;
  }
}

/** What the parser expected where it found an error. */
export function expectedOf({ message }: IRecognitionException): Expected {
  // Chevrotain takes the messages of its errors from `Expectations`.
  return message as Expected;
}
