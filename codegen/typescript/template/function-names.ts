import type { StageName } from '../../../src/ir/stage-path.js';
import type { BlockFunction } from '../analyse/block-functions.js';
import { grouped } from '../analyse/groups.js';
import { camel, capital, reservedWords, unused } from './names.js';
import type { StatementTemplate } from './template.js';

/** Names of variables in functions, which no function may have. */
const locals =
  'apply branch chain channels features gate i input layer layers level levels main name output registerLayers ' +
  'shortcut skip skips tf x y z';

/** The name of each function: the name of its block, followed by the difference if a block has several functions. */
export function functionNames(
  functions: readonly BlockFunction[],
  taken: ReadonlySet<string>,
): readonly string[] {
  const parameters = functions.flatMap((one) => one.parameters.map(({ name }) => name));
  const forbidden = new Set([...reservedWords, ...locals.split(' '), ...parameters, ...taken]);
  const used = new Set<string>(forbidden);
  const names = new Map<BlockFunction, string>();
  for (const [block, variants] of grouped(functions, (one) => one.block)) {
    const plain = camel(block);
    const base = forbidden.has(plain) ? `${plain}Block` : plain;
    // The function with most uses has the plain name.
    const main = variants.reduce((best, one) => (one.paths.length > best.paths.length ? one : best));
    names.set(main, unused(base, used));
    for (const variant of variants) {
      if (variant === main) continue;
      names.set(variant, unused(`${base}${difference(variant, variants)}`, used));
    }
  }
  return functions.map((one) => names.get(one) ?? one.block);
}

/** The end of a variant's name: a layer that only it contains, or the stage that only it is used in. */
function difference(variant: BlockFunction, variants: readonly BlockFunction[]): string {
  const others = variants.filter((other) => other !== variant);
  const elsewhere = new Set(others.flatMap(({ template }) => kindsOf(template)));
  const own = kindsOf(variant.template).find((kind) => !elsewhere.has(kind));
  if (own !== undefined) return `With${capital(camel(own))}`;
  const stages = stagesOf(variant);
  const [stage, ...more] = stages;
  const alone = others.every((other) => stagesOf(other).every((one) => !stages.includes(one)));
  return stage !== undefined && more.length === 0 && alone ? `Of${capital(stage)}` : '';
}

/** The blocks and ops in a template, as the names of its layers have them: `layerNorm` of `.layerNorm_1`. */
function kindsOf(template: readonly StatementTemplate[]): readonly string[] {
  return template.flatMap((statement) =>
    statement.kind === 'repeat' ? kindsOf(statement.body) : statement.words.slice(0, 1),
  );
}

/** The stages that use a function, without their levels. */
function stagesOf({ paths }: BlockFunction): readonly StageName[] {
  return [...new Set(paths.map(({ stage }) => stage))];
}
