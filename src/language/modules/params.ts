import type { Expression, ParamDeclaration } from '../../../grammar/ast.js';
import { type Diagnosed, diagnose, type Reporter } from '../../diagnostics/diagnostic.js';
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

/** The values of all `param`s, by declaration; undefined where an error was reported. */
type ParamValues = ReadonlyMap<ParamDeclaration, Value | undefined>;

/** The params of a compilation, each with its value. */
export class Params {
  constructor(private readonly values: ParamValues) {}

  /** The scope of a module's own and imported params. */
  scopeOf(module: Module): Scope {
    return paramScope(module, (name) => {
      const declaration = paramNamed(module, name)?.declaration;
      return declaration && this.values.get(declaration);
    });
  }
}

/** Evaluates the params of all modules; overrides take precedence over the files. */
export function evaluateParams(
  modules: readonly Module[],
  overrides: ReadonlyMap<string, Override>,
): Diagnosed<Params> {
  return diagnose((reporter) => {
    const evaluator = new ParamEvaluator(overrides, reporter);
    for (const module of modules) {
      const scope = evaluator.scopeOf(module);
      for (const name of module.names.keys()) scope.lookup(name);
    }
    return new Params(evaluator.values);
  });
}

/** Reports overrides that name no param of any module. */
export function checkOverrides(
  overrides: ReadonlyMap<string, Override>,
  modules: readonly Module[],
  reporter: Reporter,
): void {
  const known = new Set<string>();
  for (const module of modules) {
    for (const [name, located] of module.names) if (located.declaration.kind === 'param') known.add(name);
  }
  for (const { name, span } of overrides.values()) {
    if (known.has(name)) continue;
    const none = 'the file has no `param`; `--set` changes params, not attributes';
    const { help } = suggestionFor(name, span, known, none);
    reporter.report('unknown-name', span, { what: 'param', name }, { help });
  }
}

/** Evaluates each param once, before the first that refers to it. */
class ParamEvaluator {
  readonly values = new Map<ParamDeclaration, Value | undefined>();
  private readonly running: { readonly name: string; readonly node: ParamDeclaration }[] = [];

  constructor(
    private readonly overrides: ReadonlyMap<string, Override>,
    private readonly reporter: Reporter,
  ) {}

  /** The names of a module's own and imported params. */
  scopeOf(module: Module): Scope {
    return paramScope(module, (name) => this.lookup(module, name));
  }

  private lookup(from: Module, name: string): Value | undefined {
    const located = paramNamed(from, name);
    if (!located) return undefined;
    const { declaration, module } = located;
    if (this.values.has(declaration)) return this.values.get(declaration);
    const cycle = this.running.findIndex((entry) => entry.node === declaration);
    // The evaluation of a chain of references recurses. No sensible file has a chain of this length.
    if (cycle >= 0 || this.running.length > 200) {
      const chain = this.running.slice(Math.max(cycle, 0)).map((entry) => entry.name);
      return this.reporter.report('reference-cycle', declaration.name.span, { what: 'param', chain });
    }
    this.running.push({ name, node: declaration });
    const override = this.overrides.get(name);
    const value = evaluate(override?.value ?? declaration.value, this.scopeOf(module), this.reporter);
    this.running.pop();
    this.values.set(declaration, value);
    return value;
  }
}

function paramNamed(
  module: Module,
  name: string,
): { readonly declaration: ParamDeclaration; readonly module: Module } | undefined {
  const located = module.names.get(name);
  if (located?.declaration.kind !== 'param') return undefined;
  return { declaration: located.declaration, module: located.module };
}

function paramScope(module: Module, value: (name: string) => Value | undefined): Scope {
  return {
    lookup: (name) => (module.poisoned.has(name) ? undefined : value(name)),
    failed: (name) => module.poisoned.has(name) || module.names.get(name)?.declaration.kind === 'param',
    *names() {
      for (const [name, located] of module.names) if (located.declaration.kind === 'param') yield name;
    },
  };
}
