/** A token as a message shows it: in backticks, on one line, and cut if it is long. */
export type ShownToken = `\`${string}\``;

/** What the grammar can expect besides fixed words and signs. */
const expectedTexts = {
  value: 'a value',
  size: 'a size',
  name: 'a name',
  number: 'a number',
  string: 'a string',
  comparison: 'a comparison',
  result: 'the result of the block',
  declaration: 'a declaration (unet, block, param, import, training or ablation)',
  'network item': 'an attribute `name = value`, `expect { ... }` or `}`',
  'expect row': 'a row such as `output == 2 x 388 x 388` or `}`',
  attribute: 'an attribute `name = value` or `}`',
  'ablation item': '`vary`, `variant`, an attribute `name = value` or `}`',
  'rest of block': 'an operator, `->` or `}`',
} as const;

/** What the grammar expects: one of the above, or words and signs: `` `}` ``, `` `,` or `]` ``. */
export type Expected = keyof typeof expectedTexts | ShownToken;

/** What the text has instead. */
export type Found = ShownToken | 'the end of the file' | 'the next declaration';

export type SyntaxProblem =
  | {
      readonly problem: 'expected';
      readonly expected: Expected;
      readonly after?: ShownToken | undefined;
      readonly found: Found;
    }
  | { readonly problem: 'unexpected'; readonly token: ShownToken; readonly after: ShownToken }
  | { readonly problem: 'not-a-unit'; readonly token: ShownToken }
  | { readonly problem: 'assignment-in-row' }
  | { readonly problem: 'second-comparison'; readonly token: ShownToken }
  | { readonly problem: 'closes-nothing'; readonly token: ShownToken }
  /** A value from outside of the file, such as that of `--set`. */
  | { readonly problem: 'not-a-value'; readonly option: string; readonly text: string };

/** A syntax error in one sentence. */
export function syntaxText(a: SyntaxProblem): string {
  switch (a.problem) {
    case 'expected': {
      const after = a.after === undefined ? '' : ` after ${a.after}`;
      return `expected ${expectedText(a.expected)}${after}, found ${a.found}`;
    }
    case 'unexpected':
      return `unexpected ${a.token} after ${a.after}`;
    case 'not-a-unit':
      return `${a.token} is not a unit`;
    case 'assignment-in-row':
      return 'a row compares with `==`, found `=`';
    case 'second-comparison':
      return `a row contains one comparison, found a second ${a.token}`;
    case 'closes-nothing':
      return `${a.token} has no opening bracket`;
    case 'not-a-value':
      return `${a.option} takes a value, but \`${a.text}\` is not one`;
    default:
      return a satisfies never;
  }
}

function expectedText(expected: Expected): string {
  return isWord(expected) ? expectedTexts[expected] : expected;
}

function isWord(expected: Expected): expected is keyof typeof expectedTexts {
  return Object.hasOwn(expectedTexts, expected);
}
