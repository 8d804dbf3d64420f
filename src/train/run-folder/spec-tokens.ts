import { declarationChunks } from '../../../grammar/parse/declaration-chunks.js';
import { Training, unetLexer } from '../../../grammar/parse/tokens.js';

/** A token of a spec: what it says, the line it stands on and its column there, both from 1. */
export interface SpecToken {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/**
 * What a spec says of its networks: its tokens without comments, white space, and recipes. What a recipe says counts by its
 * values, which a run keeps apart.
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
