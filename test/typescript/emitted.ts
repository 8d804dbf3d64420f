import { transformSync } from 'esbuild';
import { type TypescriptOptions, typescriptBackend } from '../../codegen/typescript/typescript-backend.js';
import type { Graph } from '../../src/ir/graph.js';

/** The text of the module that the backend writes. */
export function emitted(graph: Graph, options: TypescriptOptions = {}): string {
  const emission = typescriptBackend.emit(graph, options);
  if (!emission.ok) throw new Error(emission.problems.map(({ message }) => message).join('\n'));
  const [file, ...more] = emission.files;
  if (!file || more.length > 0) throw new Error(`${emission.files.length} files`);
  const chunks = [...file.chunks].map((chunk) => new TextDecoder().decode(chunk));
  return chunks.join('');
}

/** Runs a module's text with these packages for its imports, and calls the one function that it exports. */
export function runBuilder(text: string, packages: Readonly<Record<string, unknown>>): unknown {
  const { code } = transformSync(text, { loader: 'ts', format: 'cjs', target: 'es2022' });
  const module: { exports: Record<string, unknown> } = { exports: {} };
  const load = (name: string): unknown => {
    if (!(name in packages)) throw new Error(`the module imports ${name}`);
    return packages[name];
  };
  new Function('require', 'module', 'exports', code)(load, module, module.exports);
  const [build, ...more] = Object.values(module.exports);
  if (typeof build !== 'function' || more.length > 0) throw new Error('a module exports one function');
  return build();
}
