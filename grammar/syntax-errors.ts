import { EOF, type IParserErrorMessageProvider, type IToken, type TokenType } from 'chevrotain';

/** What a rule is called in an error message. */
const ruleWords: Record<string, string> = {
  declaration: 'a declaration (unet, block, param, import, training or ablation)',
  primary: 'a value',
  unetDeclaration: "an attribute `name = value`, `expect { ... }` or '}'",
  expectBlock: "a row such as `output == 2 x 388 x 388` or '}'",
  expectRow: 'a comparison',
  attributes: "an attribute `name = value` or '}'",
  ablationDeclaration: "`vary`, `variant`, an attribute `name = value` or '}'",
  blockDeclaration: 'a statement',
  reference: 'a name',
};

/** A token as a message shows it. */
export function found(token: IToken): string {
  if (token.tokenType === EOF) return 'the end of the declaration';
  const image = token.image.length > 40 ? `${token.image.slice(0, 40)}...` : token.image;
  return `'${image.replace(/\s+/g, ' ')}'`;
}

/** Chevrotain's errors in the words of this language: what was expected, and what stands there. */
export const errorMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, actual }) =>
    `expected ${(expected as TokenType).LABEL ?? expected.name}, found ${found(actual)}`,
  buildNotAllInputParsedMessage: ({ firstRedundant }) =>
    `expected ${ruleWords.declaration}, found ${found(firstRedundant)}`,
  buildNoViableAltMessage: ({ actual, ruleName }) =>
    `expected ${ruleWords[ruleName] ?? 'something else'}, found ${found(actual[0] as IToken)}`,
  buildEarlyExitMessage: ({ actual, ruleName }) =>
    `expected ${ruleWords[ruleName] ?? 'at least one value'}, found ${found(actual[0] as IToken)}`,
};
