/** One step of a pattern: a text, any characters of a name, any folders, or a field that is remembered. */
type Step =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' | 'one' | 'folders' }
  | { readonly kind: 'field'; readonly name: string };

/** The values of a pattern's fields in one path. */
export type Fields = ReadonlyMap<string, string>;

const STEP = /\{(\w+)\}|\*\*\/?|\*|\?|[^{*?]+|\{/g;

/**
 * A pattern of paths, such as `scans/{case}/{channel}.nii.gz`. `*` stands for any characters of a name, `?` for one,
 * `**` for any folders, and a field for one character or more of a name. A field that occurs twice has one value.
 */
export class Pattern {
  private readonly steps: readonly Step[];

  constructor(readonly text: string) {
    const clean = text
      .replaceAll('\\', '/')
      .replace(/^(\.\/)+/, '')
      .normalize('NFC');
    this.steps = [...clean.matchAll(STEP)].map(([step, field]): Step => {
      if (field !== undefined) return { kind: 'field', name: field };
      if (step.startsWith('**')) return { kind: 'folders' };
      if (step === '*') return { kind: 'any' };
      return step === '?' ? { kind: 'one' } : { kind: 'text', text: step };
    });
  }

  /** The names of its fields, each once. */
  get fields(): readonly string[] {
    return [...new Set(this.steps.flatMap((step) => (step.kind === 'field' ? [step.name] : [])))];
  }

  /** How many characters it names: of two patterns for one path, the one with more of them is meant. */
  get precision(): number {
    return this.steps.reduce((sum, step) => sum + (step.kind === 'text' ? step.text.length : 0), 0);
  }

  /** Each different way in which a path, with `/` between folders, is of this pattern. */
  readings(path: string): readonly Fields[] {
    const found = new Map<string, Fields>();
    this.match(path.normalize('NFC'), 0, 0, new Map(), found);
    return [...found.values()];
  }

  private match(path: string, at: number, next: number, fields: Fields, found: Map<string, Fields>): void {
    const step = this.steps[next];
    if (step === undefined) {
      if (at === path.length) found.set(JSON.stringify([...fields]), fields);
      return;
    }
    if (step.kind === 'text') {
      if (path.startsWith(step.text, at)) this.match(path, at + step.text.length, next + 1, fields, found);
      return;
    }
    if (step.kind === 'folders') {
      this.match(path, at, next + 1, fields, found);
      for (let end = path.indexOf('/', at); end >= 0; end = path.indexOf('/', end + 1)) {
        this.match(path, end + 1, next + 1, fields, found);
      }
      return;
    }
    const known = step.kind === 'field' ? fields.get(step.name) : undefined;
    if (known !== undefined) {
      if (path.startsWith(known, at)) this.match(path, at + known.length, next + 1, fields, found);
      return;
    }
    const slash = path.indexOf('/', at);
    const nameEnd = slash < 0 ? path.length : slash;
    const most = step.kind === 'one' ? Math.min(at + 1, nameEnd) : nameEnd;
    for (let end = step.kind === 'any' ? at : at + 1; end <= most; end++) {
      const after = step.kind === 'field' ? new Map(fields).set(step.name, path.slice(at, end)) : fields;
      this.match(path, end, next + 1, after, found);
    }
  }
}
