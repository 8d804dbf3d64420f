import { type Diagnosed, diagnose, type Reporter } from '../diagnostics/diagnostic.js';
import type { NetworkRequest } from '../language/modules/network-request.js';
import type { RecipeSpec } from '../language/recipes/recipe-spec.js';
import { resolveRecipe } from '../language/recipes/recipes.js';
import { type AblationSpec, resolveAblation } from '../language/resolve/ablations.js';
import type { Declared, WithParams } from './artifacts.js';

/** Networks and variants of a file, at most: each is compiled and kept. */
const NETWORK_LIMIT = 1_000;

/** Lists what a file declares itself: its networks and the variants of its ablations, its ablations, its recipes. */
export function listDeclarations(from: WithParams): Diagnosed<Declared> {
  return diagnose((reporter) => {
    const { params } = from;
    const { entry } = from.program;
    const own: NetworkRequest[] = [];
    const ablations: AblationSpec[] = [];
    const recipes: RecipeSpec[] = [];
    for (const [name, { declaration, module }] of entry.names) {
      if (module !== entry || entry.poisoned.has(name)) continue;
      if (declaration.kind === 'unet') {
        own.push({ name, nameSpan: declaration.name.span, located: { declaration, module }, edits: [] });
      } else if (declaration.kind === 'training') {
        recipes.push(resolveRecipe({ declaration, module }, params, reporter));
      } else if (declaration.kind === 'ablation') {
        const ablation = resolveAblation({ declaration, module }, params, reporter);
        if (ablation) ablations.push(ablation);
      }
    }
    const all = [...own, ...ablations.flatMap((ablation) => ablation.variants)];
    return { ...from, networks: withinLimit(all, reporter), ablations, recipes };
  });
}

function withinLimit(networks: readonly NetworkRequest[], reporter: Reporter): readonly NetworkRequest[] {
  const surplus = networks[NETWORK_LIMIT];
  if (!surplus) return networks;
  reporter.report(
    'too-many-networks',
    surplus.nameSpan,
    { count: networks.length, limit: NETWORK_LIMIT },
    { help: 'distribute them over several files' },
  );
  return networks.slice(0, NETWORK_LIMIT);
}
