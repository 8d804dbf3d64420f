import type { UnetDeclaration } from '../../../grammar/ast.js';
import { type Diagnosed, diagnose, Reporter } from '../../diagnostics/diagnostic.js';
import type { Span } from '../../diagnostics/span.js';
import type { Located, Module } from '../modules/modules.js';
import type { NetworkRequest } from '../modules/network-request.js';
import type { Params } from '../modules/params.js';
import { reportUnknownDeclaration } from '../modules/unknown-declaration.js';
import type { AttributeDefinition, AttributeScope, AttributeTable } from '../schema/attribute-definition.js';
import { attributeTable, type InputSize, type UnetAttributes } from '../schema/attributes.js';
import {
  collectLevels,
  collectWhole,
  type DeclaredAttributes,
  type EntryTable,
} from './attribute-entries.js';
import { AttributeReader, type Reading } from './attribute-reader.js';
import { checkConsistency } from './consistency.js';
import { fieldNameOf, type NetworkSpec, type Setting } from './network-spec.js';

/**
 * Resolves inheritance, levels, defaults and expressions. Reports the errors of all attributes; after an error the result
 * is undefined.
 *
 * @param attributes the attributes that a network has: those of `unet`, and any others
 */
export function resolveNetwork(request: NetworkRequest, params: Params): Diagnosed<NetworkSpec | undefined>;
export function resolveNetwork<T extends AttributeTable & UnetAttributes>(
  request: NetworkRequest,
  params: Params,
  attributes: T,
): Diagnosed<NetworkSpec<T> | undefined>;
export function resolveNetwork(
  request: NetworkRequest,
  params: Params,
  attributes: AttributeTable & UnetAttributes = attributeTable,
): Diagnosed<NetworkSpec | undefined> {
  return diagnose((reporter) => {
    const layers = inheritanceOf(request, reporter);
    if (!layers) return undefined;
    const entries = collectWhole(layers, attributes, reporter);
    const spec = reporter.take(new Resolver(request, layers, params, attributes, entries).resolve());
    return reporter.hasErrors ? undefined : spec;
  });
}

/** The attributes of the outermost base first, then those of each network down to the requested one, then the edits. */
function inheritanceOf(
  request: NetworkRequest,
  reporter: Reporter,
): readonly DeclaredAttributes[] | undefined {
  const layers: DeclaredAttributes[] = [];
  const seen: UnetDeclaration[] = [];
  let current: Located<UnetDeclaration> | undefined = request.located;
  while (current) {
    const { declaration, module }: Located<UnetDeclaration> = current;
    if (module.parsed.damaged.has(declaration)) return undefined;
    if (seen.includes(declaration)) {
      reportCycle(seen.slice(seen.indexOf(declaration)), reporter);
      return undefined;
    }
    seen.push(declaration);
    layers.unshift({
      network: declaration.name.name,
      declaration,
      module,
      attributes: declaration.members.filter((member) => member.kind === 'attribute'),
      inherited: declaration !== request.located.declaration || request.edits.length > 0,
    });
    if (!declaration.base) break;
    const base = networkNamed(declaration.base.name, declaration.base.span, module, reporter);
    if (!base) return undefined;
    current = base;
  }
  return [...layers, ...request.edits];
}

/** Reports a cycle of bases at the network that comes first, no matter from which network it was found. */
function reportCycle(cycle: readonly UnetDeclaration[], reporter: Reporter): void {
  const order = (one: UnetDeclaration) => `${one.span.file.path}\0${String(one.span.start).padStart(9, '0')}`;
  const first = cycle.reduce((a, b) => (order(b) < order(a) ? b : a));
  const at = cycle.indexOf(first);
  const chain = [...cycle.slice(at), ...cycle.slice(0, at)];
  reporter.report(
    'reference-cycle',
    first.base?.span ?? first.name.span,
    { what: 'network', chain: chain.map((one) => one.name.name) },
    {
      notes: chain.slice(1).map((one) => ({
        message: `\`${one.name.name}\` extends \`${one.base?.name}\` here`,
        span: one.base?.span ?? one.name.span,
      })),
    },
  );
}

/** The network of that name in a module. Reports a name that is not a network. */
export function networkNamed(
  name: string,
  span: Span,
  module: Module,
  reporter: Reporter,
): Located<UnetDeclaration> | undefined {
  const found = module.names.get(name);
  if (found?.declaration.kind === 'unet') return { declaration: found.declaration, module: found.module };
  if (module.poisoned.has(name)) return undefined;
  return reportUnknownDeclaration('unet', name, span, module, reporter);
}

/** Settings by the names of their fields. */
type Settings = Readonly<Record<string, Setting<unknown> | undefined>>;

class Resolver {
  private readonly reporter = new Reporter();
  private readonly read: AttributeReader;
  /** The table as a list, which every level goes through. */
  private readonly definitions: readonly (readonly [string, AttributeDefinition, string])[];

  constructor(
    private readonly request: NetworkRequest,
    private readonly layers: readonly DeclaredAttributes[],
    private readonly params: Params,
    private readonly attributes: AttributeTable & UnetAttributes,
    private readonly entries: EntryTable,
  ) {
    this.read = new AttributeReader(request, layers, params, this.reporter, attributes, entries);
    this.definitions = Object.entries<AttributeDefinition>(attributes).map(
      ([name, definition]) => [name, definition, fieldNameOf(name)] as const,
    );
  }

  resolve(): Diagnosed<NetworkSpec | undefined> {
    const value = this.spec();
    return { value, diagnostics: this.reporter.diagnostics };
  }

  private spec(): NetworkSpec | undefined {
    const { name, nameSpan, located, edits } = this.request;
    const { read } = this;
    // All other attributes depend on these two.
    const input = read.whole('input', this.attributes.input);
    const depth = read.whole('depth', this.attributes.depth);
    // The schema of `input` reads an InputSize.
    if (typeof input === 'object') read.rank = (input.value as InputSize).spatial.length;
    // The schema of `depth` reads a number.
    if (typeof depth === 'object') read.depth = depth.value as number;
    collectLevels(
      this.entries,
      this.layers,
      this.attributes,
      read.depth,
      (layer) => read.scopeAt(layer.module),
      this.reporter,
    );
    const network = this.settings('network', (attribute, definition) => {
      if (attribute === 'input') return input;
      return attribute === 'depth' ? depth : read.whole(attribute, definition);
    });
    const all = Array.from({ length: read.depth + 1 }, (_, i) => this.level(i + 1));
    const levels = all.slice(0, -1).map((level, i) => this.pooledLevel(level, i + 1));
    const bottleneck = all[read.depth];
    const known = levels.filter((level) => level !== undefined);
    if (!network || !bottleneck || known.length < levels.length || this.reporter.hasErrors) return undefined;
    const expects = located.declaration.members.filter((member) => member.kind === 'expect');
    // `settings` fills the fields that `SettingsOf` derives from the same table, each by the attribute's own schema.
    const spec = {
      ...network,
      name,
      nameSpan,
      module: located.module,
      attributes: this.attributes,
      rank: read.rank,
      levels: known.map((level, i) => ({ ...level, level: i + 1 })),
      bottleneck: { ...bottleneck, level: known.length + 1 },
      expects: edits.length > 0 ? [] : expects,
      scope: this.params.scopeOf(located.module),
    } as unknown as NetworkSpec;
    return this.reporter.take(checkConsistency(spec, this.entries)) ? spec : undefined;
  }

  /** The settings of every attribute of a scope; undefined if one of them failed. All errors are reported at once. */
  private settings(
    scope: AttributeScope,
    readingOf: (name: string, definition: AttributeDefinition) => Reading,
  ): Settings | undefined {
    const settings: Record<string, Setting<unknown> | undefined> = {};
    let failed = false;
    for (const [name, definition, field] of this.definitions) {
      if (definition.scope !== scope) continue;
      const reading = readingOf(name, definition);
      if (reading === 'failed') failed = true;
      else if (!definition.replaces) settings[field] = reading === 'unset' ? undefined : reading;
    }
    return failed ? undefined : settings;
  }

  private level(level: number): Settings | undefined {
    const isBottleneck = level === this.read.depth + 1;
    return this.settings('levels-and-bottleneck', (name, definition) => {
      const replacement = isBottleneck ? this.replacementOf(name) : 'unset';
      return replacement === 'unset' ? this.read.at(name, definition, level) : replacement;
    });
  }

  /** The setting of the attribute that replaces another one at the bottleneck. */
  private replacementOf(replaced: string): Reading {
    const found = this.definitions.find(([, { replaces }]) => replaces === replaced);
    return found ? this.read.whole(found[0], found[1]) : 'unset';
  }

  /** Reads the other attributes of a pooled level even if `base` failed: all errors are reported at once. */
  private pooledLevel(base: Settings | undefined, level: number): Settings | undefined {
    const settings = this.settings('levels', (name, definition) => {
      const reading = this.read.at(name, definition, level);
      if (reading !== 'unset' || definition.like === undefined) return reading;
      return base?.[fieldNameOf(definition.like)] ?? 'failed';
    });
    return base && settings && { ...base, ...settings };
  }
}
