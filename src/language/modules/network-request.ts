import type { UnetDeclaration } from '../../../grammar/ast.js';
import type { Span } from '../../diagnostics/span.js';
import type { DeclaredAttributes } from '../resolve/attribute-entries.js';
import type { Located } from './modules.js';

/** A network to resolve: its declaration, and for a variant of an ablation the edits of that declaration. */
export interface NetworkRequest {
  readonly name: string;
  readonly nameSpan: Span;
  readonly located: Located<UnetDeclaration>;
  readonly edits: readonly DeclaredAttributes[];
}
