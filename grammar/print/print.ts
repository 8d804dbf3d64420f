import { FILE_LIMIT, type ParsedFile } from '../parse/parse.js';
import { BodyPrinter } from './print-body.js';
import { outlineOf } from './print-items.js';
import { piecesOf } from './print-pieces.js';

/**
 * Formats a file. Only white space changes, needless semicolons disappear, and the sign `×` becomes `x`. All comments
 * keep their positions. Formatting the result again changes nothing.
 *
 * @returns undefined for a file with errors, and for a file whose formatted text would be too long to be read
 */
export function format(parsed: ParsedFile): string | undefined {
  if (parsed.diagnostics.length > 0) return undefined;
  const pieces = piecesOf(parsed.file.text);
  const { file, roles } = outlineOf(parsed.tree, pieces.tokens);
  const text = new BodyPrinter(pieces, roles).file(file);
  if (text.length >= FILE_LIMIT) return undefined;
  return text === '' ? '' : `${text}\n`;
}
