import type { Expression } from '../../../grammar/ast.js';
import type { Reporter } from '../../diagnostics/diagnostic.js';
import type { Span } from '../../diagnostics/span.js';
import { suggestionFor } from '../../diagnostics/suggest.js';
import { evaluate } from '../expressions/evaluate.js';
import type { Scope, Value } from '../expressions/values.js';
import type { Module } from './modules.js';

/** `--set name=value`: the value as an expression, and the span of the setting. */
export interface Override {
  readonly name: string;
  readonly value: Expression;
  readonly span: Span;
}

/** Evaluates each `param` once, when it is first used. Overrides take precedence over the files. */
export class Params {
  private readonly values = new Map<object, Value | undefined>();
  private readonly running: { name: string; node: object }[] = [];

  constructor(
    private readonly overrides: ReadonlyMap<string, Override>,
    private readonly reporter: Reporter,
  ) {}

  /** The names of a module's own and imported params. */
  scopeOf(module: Module): Scope {
    return {
      lookup: (name) => (module.poisoned.has(name) ? undefined : this.lookup(module, name)),
      failed: (name) => module.poisoned.has(name) || module.names.get(name)?.declaration.kind === 'param',
      *names() {
        for (const [name, located] of module.names) if (located.declaration.kind === 'param') yield name;
      },
    };
  }

  /** Reports overrides whose name is not a param of any module. */
  checkOverrides(modules: readonly Module[]): void {
    const known = new Set<string>();
    for (const module of modules) {
      for (const [name, located] of module.names) if (located.declaration.kind === 'param') known.add(name);
    }
    for (const { name, span } of this.overrides.values()) {
      if (known.has(name)) continue;
      const none = 'the file has no `param`; `--set` changes params, not attributes';
      const { help } = suggestionFor(name, span, known, none);
      this.reporter.report('unknown-name', span, { what: 'param', name }, { help });
    }
  }

  private lookup(module: Module, name: string): Value | undefined {
    const located = module.names.get(name);
    if (located?.declaration.kind !== 'param') return undefined;
    const { declaration } = located;
    if (this.values.has(declaration)) return this.values.get(declaration);
    const cycle = this.running.findIndex((entry) => entry.node === declaration);
    // The evaluation of a chain of references recurses. No sensible file has a chain of this length.
    if (cycle >= 0 || this.running.length > 200) {
      const chain = this.running.slice(Math.max(cycle, 0)).map((entry) => entry.name);
      this.reporter.report('reference-cycle', declaration.name.span, { what: 'param', chain });
      return undefined;
    }
    this.running.push({ name, node: declaration });
    const override = this.overrides.get(name);
    const value = evaluate(override?.value ?? declaration.value, this.scopeOf(located.module), this.reporter);
    this.running.pop();
    this.values.set(declaration, value);
    return value;
  }
}
