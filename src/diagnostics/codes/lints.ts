import { type None, warning } from './definition.js';

/** What is legal and most likely not meant. */
export const lintCodes = {
  'bias-before-norm': warning(
    'A conv has a bias that the norm behind it takes away.',
    (_: None) => 'the norm takes away the bias of the convs before it',
  ),
  'norm-of-one': warning(
    'A norm has a single number to work on.',
    (_: None) => 'a norm over a single number gives the same result for every input',
  ),
  'dead-parameters': warning(
    'Parameters are counted and trained, and change nothing.',
    (a: { why: string }) => `parameters that change nothing: ${a.why}`,
  ),
  'skip-unused': warning('A level has no skip where others have one.', (a: { stages: readonly string[] }) =>
    a.stages.length === 1
      ? `the map of ${a.stages[0]} is not used on the way up`
      : `the maps of ${a.stages.slice(0, -1).join(', ')} and ${a.stages.at(-1)} are not used on the way up`,
  ),
  'malformed-allow': warning(
    'A comment that allows a warning is incomplete, or names something that cannot be allowed.',
    malformedAllowText,
  ),
  'needless-allow': warning(
    'A comment allows a warning that is not there.',
    (a: { code: string }) => `there is no \`${a.code}\` here to allow`,
  ),
} as const;

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
