import { type None, warning } from '../definition.js';

/** What is legal but most likely not intended. */
export const lintCodes = {
  'bias-before-norm': warning(
    'A conv has a bias that the norm after it cancels.',
    (_: None) => 'the norm cancels the bias of the convs before it',
  ),
  'norm-of-one': warning(
    'A norm has only one number to normalise.',
    (_: None) => 'a norm over a single number gives the same result for every input',
  ),
  'dead-parameters': warning(
    'Parameters are counted and trained, but change nothing.',
    (a: { cause: DeadParameters }) => `these parameters change nothing: ${deadParameters[a.cause]}`,
  ),
  'skip-unused': warning(
    'A level has no skip although other levels have one.',
    (a: { stages: readonly string[] }) =>
      a.stages.length === 1
        ? `the decoder does not use the map of ${a.stages[0]}`
        : `the decoder does not use the maps of ${a.stages.slice(0, -1).join(', ')} and ${a.stages.at(-1)}`,
  ),
  'malformed-allow': warning(
    'A comment that allows a warning is incomplete, or names something that cannot be allowed.',
    malformedAllowText,
  ),
  'needless-allow': warning(
    'A comment allows a warning that does not occur.',
    (a: { code: string }) => `there is no \`${a.code}\` here to allow`,
  ),
} as const;

/** Why parameters change nothing. */
const deadParameters = {
  'norm-after-norm': 'the next norm scales and shifts again',
  'key-bias': 'a bias of the key changes all scores of a query equally',
  'unused-time': 'no block uses the time step',
} as const;

export type DeadParameters = keyof typeof deadParameters;

type MalformedAllow =
  | { readonly problem: 'no-reason' | 'no-code' | 'nothing-covered' }
  | { readonly problem: 'unknown-code' | 'error-code' | 'code-about-allow'; readonly code: string };

function malformedAllowText(a: MalformedAllow): string {
  switch (a.problem) {
    case 'no-reason':
      return '`allow` needs a reason';
    case 'no-code':
      return '`allow` needs the name of a warning';
    case 'nothing-covered':
      return 'no code follows that `allow` could cover';
    case 'unknown-code':
      return `unknown warning \`${a.code}\``;
    case 'error-code':
      return `\`${a.code}\` is an error and cannot be allowed`;
    case 'code-about-allow':
      return `\`${a.code}\` is a warning about \`allow\` itself and cannot be allowed`;
    default:
      return a satisfies never;
  }
}
