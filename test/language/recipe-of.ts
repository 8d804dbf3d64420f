import { runPass } from '../../src/compiler/pass.js';
import { declarationsOf } from '../../src/compiler/passes.js';
import type { RecipeValues } from '../../src/language/recipes/recipe-spec.js';
import { hostOf } from './compiled.js';

/** What is read of a recipe with these attributes, which must compile without a word. */
export function recipeOf(attributes: string, before = ''): RecipeValues {
  const text = `${before}\ntraining Recipe { ${attributes} }`;
  const source = { path: 'recipe.unet', text, host: hostOf({}), set: {}, input: undefined };
  const { value, diagnostics } = declarationsOf(source, runPass);
  const recipe = value.recipes.find(({ name }) => name === 'Recipe');
  if (!recipe) throw new Error(`there is no recipe in ${attributes}`);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return recipe.values;
}
