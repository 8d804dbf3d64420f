import { FILE_LIMIT, type ParsedFile } from '../parse/parse.js';
import { BodyPrinter } from './print-body.js';
import { outlineOf } from './print-items.js';
import { piecesOf } from './print-pieces.js';

/**
 * The text of a file in the one format of the language. Only white space and needless semicolons change,
 * and the sign `×` becomes `x`; all comments stay at their places. Formatting a second time changes nothing.
 *
 * Undefined for a file with errors, and for one that would become too large to be read again.
 */
export function format(parsed: ParsedFile): string | undefined {
  if (parsed.diagnostics.length > 0) return undefined;
  const pieces = piecesOf(parsed.file.text);
  const { file, roles } = outlineOf(parsed.tree, pieces.tokens);
  const text = new BodyPrinter(pieces, roles).file(file);
  if (text.length >= FILE_LIMIT) return undefined;
  return text === '' ? '' : `${text}\n`;
}
