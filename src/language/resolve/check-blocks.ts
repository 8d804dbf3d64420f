import { type AstNode, type BlockDeclaration, children, type Expression } from '../../../grammar/ast.js';
import { type Diagnosed, diagnose, Reporter } from '../../diagnostics/diagnostic.js';
import { type Span, shortTextOf } from '../../diagnostics/span.js';
import { suggestionFor } from '../../diagnostics/suggest.js';
import type { Located, Module } from '../modules/modules.js';
import {
  attentionParameters,
  CHANNELS_FUNCTION,
  environmentNames,
  joinFunctions,
  layerSchema,
  structuralLayers,
  structuralParameters,
  TIME_NAME,
} from '../schema/layers.js';
import { matchArguments } from '../schema/match-arguments.js';

const settings = ['true', 'false'];

/**
 * Checks what can be checked in the blocks of a module without a network: names, names of arguments, unused values, and
 * blocks that use themselves. The kinds of values are checked where a block is used.
 *
 * The value is the names of the blocks with an error: the networks that use one report nothing more.
 */
export function checkBlocks(module: Module): Diagnosed<ReadonlySet<string>> {
  return diagnose((reporter) => {
    const poisoned = new Set<string>();
    for (const declaration of module.parsed.tree.declarations) {
      if (declaration.kind !== 'block' || module.parsed.damaged.has(declaration)) continue;
      const found = reporter.take(new BlockChecker(declaration, module, poisoned).check());
      for (const name of found) poisoned.add(name);
    }
    return poisoned;
  });
}

class BlockChecker {
  /** The names bound so far, and whether each has been used. */
  private readonly used = new Map<string, boolean>();
  private readonly bindings = new Map<string, Span>();
  private readonly reporter = new Reporter();

  /** @param known the blocks before this one that have an error */
  constructor(
    private readonly block: BlockDeclaration,
    private readonly module: Module,
    private readonly known: ReadonlySet<string>,
  ) {}

  /** The value is the names of the blocks in which an error was found: this one, or all of a cycle. */
  check(): Diagnosed<readonly string[]> {
    this.checkNames();
    const cycle = this.checkRecursion();
    const own = this.reporter.hasErrors ? [this.block.name.name] : [];
    return { value: [...cycle, ...own], diagnostics: this.reporter.diagnostics };
  }

  private isPoisoned(name: string): boolean {
    return this.module.poisoned.has(name) || this.known.has(name);
  }

  private checkNames(): void {
    if (this.block.parameters.length === 0) {
      this.reporter.report(
        'missing-argument',
        this.block.name.span,
        { callee: this.block.name.name, what: 'a parameter' },
        {
          help: `the first parameter of a block takes the channels of its level: \`block ${this.block.name.name}(c) { ... }\``,
        },
      );
    }
    for (const parameter of this.block.parameters) {
      if (parameter.fallback) this.expression(parameter.fallback);
      this.bind(parameter.name.name, parameter);
    }
    for (const binding of this.block.bindings) {
      this.expression(binding.value);
      this.bind(binding.name.name, binding);
    }
    this.expression(this.block.result);
    for (const item of [...this.block.parameters, ...this.block.bindings]) {
      // A name that begins with _ is unused on purpose: every block receives channels, even if it does not need them.
      if (this.used.get(item.name.name) === false && !item.name.name.startsWith('_')) {
        this.reporter.report('unused-value', item.name.span, {
          name: item.name.name,
          block: this.block.name.name,
        });
      }
    }
  }

  private bind(name: string, at: { readonly name: { readonly span: AstNode['span'] } }): void {
    const earlier = this.bindings.get(name);
    if (earlier || name === 'input') {
      this.reporter.report(
        'duplicate-name',
        at.name.span,
        { name },
        {
          notes: earlier ? [{ message: 'first bound here', span: earlier }] : [],
          help: earlier ? 'a block can bind a name only once' : '`input` is the map that the block receives',
        },
      );
    }
    this.bindings.set(name, earlier ?? at.name.span);
    this.used.set(name, false);
  }

  private expression(node: Expression): void {
    switch (node.kind) {
      case 'name':
        this.name(node.name, node.span, false);
        return;
      case 'pipe':
        for (const [i, part] of node.parts.entries()) {
          if (i === 0) this.expression(part);
          else this.layer(part);
        }
        return;
      case 'call':
        this.call(node.callee.name, node);
        return;
      case 'index':
      case 'member':
        this.reporter.report('not-a-map', node.span, { found: shortTextOf(node.span) });
        return;
      default:
        for (const child of children(node)) this.expression(child as Expression); // expressions hold expressions
    }
  }

  /** Checks a name or a call after `->`. */
  private layer(node: Expression): void {
    if (node.kind === 'group' || node.kind === 'pipe') {
      for (const one of node.kind === 'pipe' ? node.parts : [node.inner]) this.layer(one);
      return;
    }
    if (node.kind === 'name') this.name(node.name, node.span, true);
    else if (node.kind === 'call') this.call(node.callee.name, node, true);
    else if (node.kind !== 'missing') {
      const help = 'after `->`, write a layer such as `conv(3x3, c)` or `norm`, or a block';
      this.reporter.report('not-a-layer', node.span, { found: shortTextOf(node.span) }, { help });
    }
  }

  private name(name: string, span: Span, asLayer: boolean): void {
    if (!asLayer && (this.used.has(name) || name === 'input' || name === TIME_NAME)) {
      this.used.set(name, true);
      return;
    }
    const located = this.module.names.get(name)?.declaration.kind;
    if (this.isPoisoned(name)) return;
    const known = asLayer
      ? located === 'block' || this.isLayer(name)
      : located === 'param' ||
        environmentNames.includes(name) ||
        settings.includes(name) ||
        this.isSetting(name);
    if (known) return;
    const layers = [...layerSchema.words, ...structuralLayers, ...this.namesOf('block')];
    const values = [...this.used.keys(), 'input', TIME_NAME, ...environmentNames, ...this.namesOf('param')];
    const what = asLayer ? 'layer' : 'name';
    const extras = suggestionFor(name, span, asLayer ? layers : values);
    this.reporter.report('unknown-name', span, { what, name }, extras);
  }

  private call(name: string, node: Expression & { kind: 'call' }, asLayer = false): void {
    const args = node.args.map((argument) => argument.value);
    this.checkStructure(name, node);
    if (name === CHANNELS_FUNCTION || joinFunctions.includes(name)) {
      for (const argument of args) this.expression(argument);
      return;
    }
    if (name === 'repeat') {
      const [count, ...layers] = args;
      if (count) this.expression(count);
      for (const layer of layers) this.layer(layer);
      return;
    }
    for (const argument of args) this.argument(argument);
    if (name === 'crop_like' || name === 'min' || name === 'max') return;
    const located = this.module.names.get(name);
    if (located?.declaration.kind === 'block') {
      const names = located.declaration.parameters.map((parameter) => parameter.name.name);
      matchArguments(node.args, names, name, this.reporter);
      return;
    }
    if (this.isLayer(name) || this.isSetting(name)) return;
    this.name(name, node.callee.span, asLayer || !this.isSetting(name));
  }

  /** Checks functions that read their arguments by position and would ignore a name. */
  private checkStructure(name: string, node: Expression & { kind: 'call' }): void {
    const parameters = Object.hasOwn(structuralParameters, name) ? structuralParameters[name] : undefined;
    if (name === 'attention') {
      matchArguments(node.args, attentionParameters, name, this.reporter);
      return;
    }
    if (!parameters && !joinFunctions.includes(name)) return;
    const named = node.args.filter((argument) => argument.name);
    for (const { name: word } of named) {
      if (!word) continue;
      const help = `\`${name}\` takes its arguments in order, without names`;
      this.reporter.report('unknown-argument', word.span, { callee: name, name: word.name }, { help });
    }
    if (parameters && named.length === 0) matchArguments(node.args, parameters, name, this.reporter);
  }

  /** Checks an argument, which can also be a word of its layer: `padding: same`. */
  private argument(node: Expression): void {
    if (node.kind === 'name' && !this.used.has(node.name) && this.isSetting(node.name)) return;
    this.expression(node);
  }

  private isLayer(name: string): boolean {
    return layerSchema.words.includes(name) || structuralLayers.includes(name);
  }

  /** Whether a name is a word that options of layers take. */
  private isSetting(name: string): boolean {
    return ['valid', 'same', 'reflect', 'replicate'].includes(name) || /^(he|glorot)_|^zeros$/.test(name);
  }

  private namesOf(kind: 'block' | 'param'): string[] {
    return [...this.module.names].filter(([, located]) => located.declaration.kind === kind).map(([n]) => n);
  }

  /** Reports a cycle of blocks through this one; gives the names of the blocks in it. */
  private checkRecursion(): readonly string[] {
    const chain: Located<BlockDeclaration>[] = [];
    const visited = new Set<BlockDeclaration>();
    const visit = (declaration: BlockDeclaration, module: Module): boolean => {
      if (declaration === this.block && chain.length > 0) return true;
      if (visited.has(declaration)) return false;
      visited.add(declaration);
      chain.push({ declaration, module });
      for (const name of calledNames(declaration)) {
        const next = module.names.get(name);
        if (next?.declaration.kind === 'block' && visit(next.declaration, next.module)) return true;
      }
      chain.pop();
      return false;
    };
    if (!visit(this.block, this.module)) return [];
    // The first block of a cycle poisons all others, so that the cycle is reported once.
    if (this.isPoisoned(this.block.name.name)) return [];
    const names = chain.map(({ declaration }) => declaration.name.name);
    this.reporter.report(
      'reference-cycle',
      this.block.name.span,
      { what: 'block', chain: names },
      {
        notes: chain.slice(1).map(({ declaration: { name } }) => ({
          message: `through block \`${name.name}\``,
          span: name.span,
        })),
      },
    );
    return names;
  }
}

function calledNames(node: AstNode): string[] {
  const own = node.kind === 'call' ? [node.callee.name] : node.kind === 'name' ? [node.name] : [];
  return [...own, ...children(node).flatMap(calledNames)];
}
