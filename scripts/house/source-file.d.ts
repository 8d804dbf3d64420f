export interface SourceFile {
  /** The specifiers of all imports and re-exports. */
  readonly imports: readonly string[];
  /** The exported names, what they are called where they are declared, and the specifier of a re-export. */
  readonly exports: readonly {
    readonly name: string;
    readonly local: string;
    readonly from?: string | undefined;
  }[];
  /** The type assertions that no comment covers. */
  readonly bareAssertions: readonly { readonly line: number; readonly text: string }[];
}

/** What the rules read from the text of a source file. */
export function sourceFileOf(file: string, text: string): SourceFile;
