import type { AblationDeclaration, Attribute, Expression, Identifier, Vary } from '../../../grammar/ast.js';
import type { Reporter } from '../../diagnostics/diagnostic.js';
import { type Span, shortTextOf, spanText } from '../../diagnostics/span.js';
import { suggestionFor } from '../../diagnostics/suggest.js';
import { evaluate } from '../expressions/evaluate.js';
import { valueText } from '../expressions/values.js';
import type { Located } from '../modules/modules.js';
import type { NetworkRequest } from '../modules/network-request.js';
import type { Params } from '../modules/params.js';
import { reportDuplicateAttribute, reportDuplicateName } from '../modules/report-duplicate.js';
import { reportUnknownDeclaration } from '../modules/unknown-declaration.js';
import type { AttributeTable } from '../schema/attribute-definition.js';
import { attributeTable } from '../schema/attributes.js';
import { integer } from '../schema/number-schemas.js';
import { listOf } from '../schema/value-schema.js';
import { attributeDefinition, type DeclaredAttributes, reportUnknownAttribute } from './attribute-entries.js';
import { networkNamed } from './resolve-network.js';

/** The most variants of one ablation. */
export const VARIANT_LIMIT = 1_000;

const seedsSchema = listOf(integer(0, 0xffff_ffff));

/** An ablation. Its variants are requests for complete networks with names such as `Study.Variant`. */
export interface AblationSpec {
  readonly name: string;
  readonly recipe: string | undefined;
  readonly seeds: readonly number[];
  readonly variants: readonly NetworkRequest[];
}

/** Reads an ablation: checks its base, its recipe and its attributes, and combines its `vary` lines. */
export function resolveAblation(
  located: Located<AblationDeclaration>,
  params: Params,
  reporter: Reporter,
  attributes: AttributeTable = attributeTable,
): AblationSpec | undefined {
  const { declaration, module } = located;
  const base = networkNamed(declaration.of.name, declaration.of.span, module, reporter);
  checkRecipe(declaration, located, reporter);
  let seeds: readonly number[] = [];
  let seedsAt: Span | undefined;
  const varied: Vary[] = [];
  const names = new Map<string, Span>();
  const explicit: { name: Identifier; members: readonly Attribute[] }[] = [];
  for (const member of declaration.members) {
    if (member.kind === 'vary') {
      const { name } = member.attribute;
      if (attributeDefinition(attributes, name.name)) varied.push(member);
      else reportUnknownAttribute(name, attributes, reporter);
    } else if (member.kind === 'variant') {
      const earlier = names.get(member.name.name);
      if (earlier) {
        reportDuplicateName(member.name.name, member.name.span, earlier, reporter);
        continue;
      }
      names.set(member.name.name, member.name.span);
      explicit.push(member);
    } else if (member.name.name === 'seeds') {
      const { name, span } = member.name;
      if (seedsAt) reportDuplicateAttribute(name, span, seedsAt, reporter);
      if (member.levels) reporter.report('not-per-level', span, { attribute: name, owner: 'ablation' });
      seedsAt ??= span;
      const value = evaluate(member.value, params.scopeOf(module), reporter);
      seeds = (value && seedsSchema.read(value, { reporter, rank: 2, what: 'seeds' })) ?? [];
    } else {
      const { name, span } = member.name;
      // Do not suggest `seeds` if it is already set.
      const known = seedsAt ? [] : ['seeds'];
      const extras = suggestionFor(
        name,
        span,
        known,
        'besides `seeds`, an ablation has `vary` and `variant`',
      );
      reporter.report('unknown-attribute', span, { name, owner: 'an ablation' }, extras);
    }
  }
  const combinations = combine(varied, declaration, located, params, reporter);
  // `vary repeat = [1, 1]` would make two variants with the same name.
  for (const { name, span } of combinations ?? []) {
    const earlier = names.get(name);
    if (earlier) reportDuplicateName(name, span, earlier, reporter);
    else names.set(name, span);
  }
  if (!base || !combinations) return undefined;
  const layer = (attributes: readonly Attribute[], network: string): DeclaredAttributes => ({
    network,
    module,
    attributes,
    inherited: false,
  });
  const study = declaration.name.name;
  const variants: NetworkRequest[] = [
    ...combinations.map(({ name, span, attributes }) => ({
      name: `${study}.${name}`,
      nameSpan: span,
      located: base,
      edits: [layer(attributes, `${study}.${name}`)],
    })),
    ...explicit.map(({ name, members }) => ({
      name: `${study}.${name.name}`,
      nameSpan: name.span,
      located: base,
      edits: [layer(members, `${study}.${name.name}`)],
    })),
  ];
  return { name: study, recipe: declaration.recipe?.name, seeds, variants };
}

function checkRecipe(
  declaration: AblationDeclaration,
  located: Located<AblationDeclaration>,
  reporter: Reporter,
): void {
  const { recipe } = declaration;
  const { module } = located;
  if (!recipe || module.poisoned.has(recipe.name)) return;
  if (module.names.get(recipe.name)?.declaration.kind === 'training') return;
  reportUnknownDeclaration('training', recipe.name, recipe.span, module, reporter);
}

interface Combination {
  readonly name: string;
  readonly span: Span;
  readonly attributes: readonly Attribute[];
}

/** All combinations of the values of all `vary` lines. The name of a variant lists its values: `skip=add,repeat=3`. */
function combine(
  varied: readonly Vary[],
  declaration: AblationDeclaration,
  located: Located<AblationDeclaration>,
  params: Params,
  reporter: Reporter,
): readonly Combination[] | undefined {
  if (varied.length === 0) return [];
  let combinations: Combination[] = [{ name: '', span: declaration.name.span, attributes: [] }];
  for (const { attribute } of varied) {
    const { value } = attribute;
    const options = value.kind === 'list' ? value.items : undefined;
    if (!options || options.length === 0) {
      const edits = [{ span: value.span, newText: `[${spanText(value.span)}]` }];
      return reporter.report(
        'wrong-kind',
        value.span,
        {
          what: `\`vary ${attribute.name.name}\``,
          expected: 'a list of values',
          found: options ? 'an empty list' : shortTextOf(value.span),
        },
        options ? {} : { fixes: [{ title: 'Make it a list', edits }] },
      );
    }
    if (combinations.length * options.length > VARIANT_LIMIT) {
      const count = varied.reduce((product, one) => product * optionCount(one), 1);
      return reporter.report(
        'too-many-variants',
        declaration.name.span,
        { count, limit: VARIANT_LIMIT },
        {
          notes: varied.map((one) => ({
            message: `${optionCount(one)} values of \`${one.attribute.name.name}\``,
            span: one.attribute.span,
          })),
          help: 'the `vary` lines multiply their numbers of values: use fewer values, or write single `variant`s',
        },
      );
    }
    combinations = combinations.flatMap((combination) =>
      options.map((option) => ({
        name: `${combination.name}${combination.name ? ',' : ''}${targetText(attribute)}=${optionText(option, located, params)}`,
        span: option.span,
        attributes: [...combination.attributes, { ...attribute, value: option }],
      })),
    );
  }
  return combinations;
}

function optionCount({ attribute: { value } }: Vary): number {
  return value.kind === 'list' ? value.items.length : 1;
}

/** The attribute with the levels for which it is set: `channels[1]`. */
function targetText({ name, levels }: Attribute): string {
  const written = (levels ?? []).map(({ span }) => span.file.text.slice(span.start, span.end));
  return levels ? `${name.name}[${written.join(',').replace(/\s+/g, '')}]` : name.name;
}

/** A value as part of a name, without blanks, so that a shell reads the name as one word. */
function optionText(option: Expression, located: Located<AblationDeclaration>, params: Params): string {
  const { file, start, end } = option.span;
  const written = file.text.slice(start, end).replace(/\s+/g, '');
  if (option.kind !== 'name') return written;
  const param = params.scopeOf(located.module).lookup(option.name);
  return param ? valueText(param) : written;
}
