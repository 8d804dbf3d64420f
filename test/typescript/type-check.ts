import { join } from 'node:path';
import { Project, ts } from 'ts-morph';

const root = join(import.meta.dirname, '../..');

let project: Project | undefined;

/** What modules import is read once a worker. */
function sharedProject(): Project {
  project ??= new Project({
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noImplicitReturns: true,
      noImplicitOverride: true,
      noPropertyAccessFromIndexSignature: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
      isolatedModules: true,
      verbatimModuleSyntax: true,
      skipLibCheck: true,
      noEmit: true,
      types: [],
      paths: { 'unet-lang/tfjs-layers': [join(root, 'src/tfjs-layers.ts')] },
    },
    skipAddingFilesFromTsConfig: true,
  });
  return project;
}

/**
 * What TypeScript has to say of modules, by name, under its strictest options and with the real types of tfjs and of
 * the layers' package; empty where it has nothing to say.
 */
export function typeErrors(modules: ReadonlyMap<string, string>): readonly string[] {
  // Inside the repository, where imports find tfjs; nothing is written there.
  const files = [...modules].map(([name, text]) =>
    sharedProject().createSourceFile(join(root, 'test/typescript/emitted', name), text),
  );
  const errors = files.flatMap((file) =>
    file.getPreEmitDiagnostics().map((diagnostic) => {
      const text = diagnostic.getMessageText();
      const message = typeof text === 'string' ? text : text.getMessageText();
      return `${file.getBaseName()}:${diagnostic.getLineNumber() ?? 0}: ${message}`;
    }),
  );
  for (const file of files) file.forget();
  return errors;
}
