import { Reporter } from '../../src/diagnostics/diagnostic.js';
import { ModuleLoader } from '../../src/language/modules/modules.js';
import { Params } from '../../src/language/modules/params.js';
import type { RecipeValues } from '../../src/language/recipes/recipe-spec.js';
import { resolveRecipe } from '../../src/language/recipes/recipes.js';
import { hostOf } from './compiled.js';

/** What is read of a recipe with these attributes, which must compile without a word. */
export function recipeOf(attributes: string, before = ''): RecipeValues {
  const reporter = new Reporter();
  const loader = new ModuleLoader(hostOf({}), reporter);
  const module = loader.loadText('recipe.unet', `${before}\ntraining Recipe { ${attributes} }`);
  const declaration = module.names.get('Recipe')?.declaration;
  if (declaration?.kind !== 'training') throw new Error(`there is no recipe in ${attributes}`);
  const { values } = resolveRecipe({ declaration, module }, new Params(new Map(), reporter), reporter);
  if (reporter.diagnostics.length > 0) {
    throw new Error(reporter.diagnostics.map(({ message }) => message).join('\n'));
  }
  return values;
}
