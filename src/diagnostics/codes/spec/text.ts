import { error, type None } from '../definition.js';
import { syntaxText } from './syntax.js';

/** What is wrong with a text or its grammar. */
export const textCodes = {
  'file-too-large': error(
    'The file is longer than any spec needs to be.',
    (a: { size: number; limit: number }) =>
      `the file has ${a.size} characters, more than the limit of ${a.limit}`,
  ),
  'not-text': error('The file contains bytes that are not text.', (_: None) => 'the file is not text'),
  'unexpected-character': error(
    'The text contains a character that the language does not use.',
    (a: { text: string }) => `unexpected character \`${a.text}\``,
  ),
  unclosed: error(
    'A string or a comment has no end.',
    (a: { what: string }) => `this ${a.what} is never closed`,
  ),
  'nesting-too-deep': error(
    'Brackets are nested deeper than the compiler reads.',
    (a: { limit: number }) => `brackets are nested more than ${a.limit} deep`,
  ),
  syntax: error('The text does not follow the grammar.', syntaxText),
  'language-version': error(
    'The `language` line names another version, or is not at the beginning of the file.',
    (a: { version: number; first: boolean }) =>
      a.first
        ? `this compiler reads language 1, but the file is written in language ${a.version}`
        : '`language` belongs at the beginning of a file',
  ),
} as const;
