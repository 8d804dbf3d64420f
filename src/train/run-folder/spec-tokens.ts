import { declarationChunks } from '../../../grammar/parse/declaration-chunks.js';
import { Training, unetLexer } from '../../../grammar/parse/tokens.js';

/** A token of a spec: its text, its line, and its column there, both from 1. */
export interface SpecToken {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The tokens of a spec that describe its networks: without comments, white space and recipes. A run keeps the values of its
 * recipe separately.
 */
export function specTokens(text: string): readonly SpecToken[] {
  const chunks = declarationChunks(unetLexer().tokenize(text).tokens);
  return chunks
    .filter(([first]) => first?.tokenType !== Training)
    .flatMap((chunk) =>
      chunk.map(({ image, startLine = 1, startColumn = 1 }) => ({
        ...{ text: image, line: startLine, column: startColumn },
      })),
    );
}
