import { error, warning } from '../definition.js';

/** What is wrong with names and imports. */
export const nameCodes = {
  'import-not-found': error(
    'The file that an import names does not exist.',
    (a: { path: string }) => `cannot find "${a.path}"`,
  ),
  'import-cycle': error('Files import each other in a cycle.', (a: { chain: readonly string[] }) =>
    a.chain.length === 1
      ? 'the file imports itself'
      : `files import each other: ${[...a.chain, a.chain[0]].join(' -> ')}`,
  ),
  'import-unknown-name': error(
    'The imported file does not declare the name.',
    (a: { name: string; path: string }) => `${a.path} does not declare \`${a.name}\``,
  ),
  'too-many-files': error(
    'The imports lead to more files than the compiler reads.',
    (a: { limit: number }) => `more than ${a.limit} files are imported`,
  ),
  'duplicate-name': error(
    'A name is declared twice.',
    (a: { name: string }) => `\`${a.name}\` is already declared`,
  ),
  'unknown-name': error(
    'A name is used but not declared.',
    (a: { what: string; name: string }) => `unknown ${a.what} \`${a.name}\``,
  ),
  'reference-cycle': error(
    'A declaration uses or extends itself, directly or through others.',
    (a: { what: 'network' | 'block' | 'param'; chain: readonly string[] }) =>
      `${a.what} \`${a.chain[0]}\` ${a.what === 'network' ? 'extends' : 'uses'} itself: ${[...a.chain, a.chain[0]].join(' -> ')}`,
  ),
  'unused-value': warning(
    'A block names a value that it never uses.',
    (a: { name: string; block: string }) => `\`${a.name}\` is never used in block \`${a.block}\``,
  ),
} as const;
