import { IndentationText, Project, QuoteKind, type SourceFile, VariableDeclarationKind } from 'ts-morph';
import type { Graph } from '../../src/ir/graph.js';
import { withFunctions } from './analyse/block-functions.js';
import { networkOf } from './analyse/items.js';
import { partsOf } from './analyse/level-loops.js';
import { loopLevelOf, stageRuns } from './analyse/level-runs.js';
import { functionNames } from './template/function-names.js';
import { WIDTH } from './template/layout.js';
import { camel, capital } from './template/names.js';
import type { Callee } from './write/body-writer.js';
import { type FunctionCode, functionCode, TENSOR } from './write/function-code.js';
import type { TableCode } from './write/loop-code.js';
import { moduleDoc, type Provenance } from './write/module-doc.js';
import { networkCode } from './write/network-code.js';

export interface ModuleOptions {
  /** Leaves the spatial sizes free. */
  readonly dynamic: boolean;
  readonly provenance?: Provenance;
}

/** A graph as the text of a TypeScript module that builds its tfjs model. Equal arguments give equal texts. */
export function moduleText(graph: Graph, { dynamic, provenance }: ModuleOptions): string {
  const network = networkOf(graph, dynamic);
  const built = withFunctions(network);
  const builder = `build${graph.name.split(/\W+/).map(capital).join('')}`;
  const stages = new Set(
    built.stages.map(({ stage }) => camel(loopLevelOf(stage) === undefined ? stage.text : stage.stage)),
  );
  const names = functionNames(built.functions, stages.add(builder));
  const callees = built.functions.map(
    ({ paths }, index): Callee => ({ name: names[index] ?? '', named: paths.length > 1 }),
  );
  const parts = partsOf(stageRuns(network, built.stages));
  const { tables, body } = networkCode(network, parts, callees, dynamic);
  const functions = built.functions.flatMap((made, index): FunctionCode[] => {
    const callee = callees[index];
    return callee ? [functionCode(made, callees, callee)] : [];
  });
  const source = emptyFile();
  source.addImportDeclaration({ namespaceImport: 'tf', moduleSpecifier: '@tensorflow/tfjs' });
  if (network.needsLayers) addCustomLayers(source);
  for (const table of tables) addTable(source, table);
  source.addFunction({
    name: builder,
    isExported: true,
    returnType: 'tf.LayersModel',
    docs: ['Builds the model. Its weights start from their initializers.'],
    statements: body.trimEnd(),
  });
  // Functions come before the functions that they call.
  for (const one of functions.toReversed()) addFunction(source, one);
  addFunction(source, applyFunction);
  source.insertStatements(0, moduleDoc(graph, dynamic, provenance));
  source.formatText({ indentSize: 2, convertTabsToSpaces: true });
  return source.getFullText();
}

const applyFunction: FunctionCode = {
  name: 'apply',
  doc: 'Applies layers in sequence. Each returns one tensor.',
  parameters: [
    { name: 'input', type: `${TENSOR} | ${TENSOR}[]` },
    { name: 'chain', type: 'tf.layers.Layer[]', isRest: true },
  ],
  body: `  return chain.reduce((x, layer) => layer.apply(x) as ${TENSOR}, input) as ${TENSOR};\n`,
};

function emptyFile(): SourceFile {
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    manipulationSettings: { indentationText: IndentationText.TwoSpaces, quoteKind: QuoteKind.Single },
  });
  return project.createSourceFile('network.ts');
}

/** Layers that TensorFlow.js lacks come from the compiler's package. */
function addCustomLayers(source: SourceFile): void {
  source.addImportDeclaration({ namedImports: ['registerLayers'], moduleSpecifier: 'unet-lang/tfjs-layers' });
  source.addVariableStatement({
    docs: ['The layers that TensorFlow.js lacks.'],
    declarationKind: VariableDeclarationKind.Const,
    declarations: [{ name: 'layers', initializer: 'registerLayers(tf)' }],
  });
}

function addTable(source: SourceFile, { name, rowType, fields, rows }: TableCode): void {
  if (!source.getInterface(rowType)) {
    source.addInterface({
      name: rowType,
      docs: ['A level of the network, counted from the top.'],
      properties: [
        { name: 'level', type: 'number' },
        ...fields.map((field) => ({ name: field.name, type: field.type, docs: [field.doc] })),
      ],
    });
  }
  const lines = rows.map(({ code, comment }) => {
    if (comment === undefined) return `${code},\n`;
    return code.includes('\n') ? `// ${comment}\n${code},\n` : `${code}, // ${comment}\n`;
  });
  source.addVariableStatement({
    declarationKind: VariableDeclarationKind.Const,
    declarations: [{ name, type: `${rowType}[]`, initializer: `[\n${lines.join('')}]` }],
  });
}

function addFunction(source: SourceFile, { name, doc, parameters, body }: FunctionCode): void {
  const made = source.addFunction({
    name,
    docs: [wrapped(doc)],
    parameters: parameters.map(({ name: own, type, defaultValue, isRest = false }) => ({
      name: own,
      isRestParameter: isRest,
      ...(defaultValue === undefined ? { type } : { initializer: String(defaultValue) }),
    })),
    returnType: TENSOR,
    statements: body.trimEnd(),
  });
  const [head = ''] = made.getText().split('\n');
  const [first, last] = [made.getParameters().at(0), made.getParameters().at(-1)];
  if (head.length <= WIDTH || !first || !last) return;
  // No comma may follow a rest parameter.
  const lines = made
    .getParameters()
    .map((parameter) => `\n${parameter.getText()}${parameter.isRestParameter() ? '' : ','}`);
  source.replaceText([first.getStart(), last.getEnd()], `${lines.join('')}\n`);
}

/** A text for a comment, broken into lines. */
function wrapped(text: string): string {
  const room = WIDTH - ' * '.length;
  if (text.length <= WIDTH - '/**  */'.length) return text;
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  // A text of several lines starts below the opening of the comment.
  return `\n${lines.join('\n')}`;
}
