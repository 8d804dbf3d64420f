import type { Span } from '../src/diagnostics/span.js';

/** A comment. Comments are not part of the tree; the printer attaches them by their positions. */
export interface Comment {
  readonly text: string;
  readonly span: Span;
}

export interface Identifier {
  readonly kind: 'identifier';
  readonly name: string;
  readonly span: Span;
}

// Expressions

export interface NumberLiteral {
  readonly kind: 'number';
  readonly value: number;
  readonly unit?: Unit;
  readonly span: Span;
}
export type Unit = 'um' | 'mm' | 'px';
export interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
  readonly span: Span;
}
export interface Name {
  readonly kind: 'name';
  readonly name: string;
  readonly span: Span;
}
/** `f(1, a: 2)` */
export interface Call {
  readonly kind: 'call';
  readonly callee: Identifier;
  readonly args: readonly Argument[];
  readonly span: Span;
}
export interface Argument {
  readonly kind: 'argument';
  readonly name?: Identifier;
  readonly value: Expression;
  readonly span: Span;
}
/** `[64, 128]` */
export interface List {
  readonly kind: 'list';
  readonly items: readonly Expression[];
  readonly span: Span;
}
/** `1..4`, both ends included */
export interface Range {
  readonly kind: 'range';
  readonly from: Expression;
  readonly to: Expression;
  readonly span: Span;
}
/** `1 x 572 x 572` */
export interface Dims {
  readonly kind: 'dims';
  readonly sizes: readonly Expression[];
  readonly span: Span;
}
export type Operator = '+' | '-' | '*' | '/' | '%' | '^';
/**
 * Operands with operators of one precedence between them, evaluated from left to right (`^` from right to left). The list
 * is flat, so that a long sum is not a deep tree.
 */
export interface Chain {
  readonly kind: 'chain';
  readonly operands: readonly Expression[];
  readonly operators: readonly Operator[];
  readonly span: Span;
}
export interface Negation {
  readonly kind: 'negation';
  readonly operand: Expression;
  readonly span: Span;
}
/** `(a + b)` */
export interface Group {
  readonly kind: 'group';
  readonly inner: Expression;
  readonly span: Span;
}
/** `encoder[1]`, `node[0, 2]` */
export interface Index {
  readonly kind: 'index';
  readonly target: Name;
  readonly indices: readonly Expression[];
  readonly span: Span;
}
/** `skip[4].crop` */
export interface Member {
  readonly kind: 'member';
  readonly target: Expression;
  readonly member: Identifier;
  readonly span: Span;
}
/** `input -> conv(3x3, c) -> norm` */
export interface Pipe {
  readonly kind: 'pipe';
  /** A value, then the layers and blocks that are applied to it. */
  readonly parts: readonly Expression[];
  readonly span: Span;
}
/** A value that could not be read. A syntax error has been reported for it. */
export interface Missing {
  readonly kind: 'missing';
  readonly span: Span;
}
export type Expression =
  | NumberLiteral
  | StringLiteral
  | Name
  | Call
  | List
  | Range
  | Dims
  | Chain
  | Negation
  | Group
  | Index
  | Member
  | Pipe
  | Missing;

// Declarations

/** `language 1` */
export interface LanguageVersion {
  readonly kind: 'language';
  readonly version: NumberLiteral | Missing;
  readonly span: Span;
}
export interface ImportDeclaration {
  readonly kind: 'import';
  readonly names: readonly Identifier[];
  readonly from: StringLiteral | Missing;
  readonly span: Span;
}
export interface ParamDeclaration {
  readonly kind: 'param';
  readonly name: Identifier;
  readonly value: Expression;
  readonly span: Span;
}
/** `skip[1..3] = attention` */
export interface Attribute {
  readonly kind: 'attribute';
  readonly name: Identifier;
  readonly levels?: readonly Expression[];
  readonly value: Expression;
  readonly span: Span;
}
export type Comparison = '==' | '!=' | '<=' | '>=' | '<' | '>';
/** `context == 155um within 1um`; a row without an operator must be true */
export interface ExpectRow {
  readonly kind: 'row';
  readonly left: Expression;
  readonly operator?: Comparison;
  readonly right?: Expression;
  readonly within?: Expression;
  readonly span: Span;
}
export interface ExpectBlock {
  readonly kind: 'expect';
  readonly rows: readonly ExpectRow[];
  readonly span: Span;
}
export interface UnetDeclaration {
  readonly kind: 'unet';
  readonly name: Identifier;
  readonly base?: Identifier;
  readonly members: readonly (Attribute | ExpectBlock)[];
  readonly span: Span;
}
export interface BlockParameter {
  readonly kind: 'parameter';
  readonly name: Identifier;
  readonly fallback?: Expression;
  readonly span: Span;
}
/** `h = input -> conv(k, c)` */
export interface Binding {
  readonly kind: 'binding';
  readonly name: Identifier;
  readonly value: Expression;
  readonly span: Span;
}
export interface BlockDeclaration {
  readonly kind: 'block';
  readonly name: Identifier;
  readonly parameters: readonly BlockParameter[];
  readonly bindings: readonly Binding[];
  readonly result: Expression;
  readonly span: Span;
}
export interface TrainingDeclaration {
  readonly kind: 'training';
  readonly name: Identifier;
  readonly members: readonly Attribute[];
  readonly span: Span;
}
/** `vary skip = [concat, add]` */
export interface Vary {
  readonly kind: 'vary';
  readonly attribute: Attribute;
  readonly span: Span;
}
export interface Variant {
  readonly kind: 'variant';
  readonly name: Identifier;
  readonly members: readonly Attribute[];
  readonly span: Span;
}
export interface AblationDeclaration {
  readonly kind: 'ablation';
  readonly name: Identifier;
  readonly of: Identifier;
  readonly recipe?: Identifier;
  readonly members: readonly (Attribute | Vary | Variant)[];
  readonly span: Span;
}
export type Declaration =
  | LanguageVersion
  | ImportDeclaration
  | ParamDeclaration
  | UnetDeclaration
  | BlockDeclaration
  | TrainingDeclaration
  | AblationDeclaration;

export interface SourceTree {
  readonly kind: 'file';
  readonly declarations: readonly Declaration[];
  readonly comments: readonly Comment[];
  readonly span: Span;
}

export type AstNode =
  | SourceTree
  | Declaration
  | Attribute
  | ExpectBlock
  | ExpectRow
  | BlockParameter
  | Binding
  | Vary
  | Variant
  | Argument
  | Identifier
  | Expression;

/** The children of a node in the order of the text. */
export function children(node: AstNode): readonly AstNode[] {
  // A list, not rest parameters: a body can have more members than a call can have arguments.
  const some = (list: readonly (AstNode | undefined)[]): AstNode[] => list.filter((n) => n !== undefined);
  switch (node.kind) {
    case 'file':
      return node.declarations;
    case 'language':
      return [node.version];
    case 'import':
      return [...node.names, node.from];
    case 'param':
    case 'binding':
      return [node.name, node.value];
    case 'attribute':
      return [node.name, ...(node.levels ?? []), node.value];
    case 'expect':
      return node.rows;
    case 'row':
      return some([node.left, node.right, node.within]);
    case 'unet':
      return some([node.name, node.base, ...node.members]);
    case 'parameter':
      return some([node.name, node.fallback]);
    case 'block':
      return [node.name, ...node.parameters, ...node.bindings, node.result];
    case 'training':
    case 'variant':
      return [node.name, ...node.members];
    case 'vary':
      return [node.attribute];
    case 'ablation':
      return some([node.name, node.of, node.recipe, ...node.members]);
    case 'argument':
      return some([node.name, node.value]);
    case 'call':
      return [node.callee, ...node.args];
    case 'list':
      return node.items;
    case 'range':
      return [node.from, node.to];
    case 'dims':
      return node.sizes;
    case 'chain':
      return node.operands;
    case 'negation':
      return [node.operand];
    case 'group':
      return [node.inner];
    case 'index':
      return [node.target, ...node.indices];
    case 'member':
      return [node.target, node.member];
    case 'pipe':
      return node.parts;
    case 'identifier':
    case 'number':
    case 'string':
    case 'name':
    case 'missing':
      return [];
    default:
      return node satisfies never;
  }
}
