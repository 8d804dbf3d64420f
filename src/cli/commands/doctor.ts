import { availableParallelism } from 'node:os';
import { buildOnnx } from '../../../codegen/onnx/build.js';
import { compile } from '../../compiler/compile.js';
import { Failure, failure, withHelp } from '../../diagnostics/failure.js';
import { ORT_DEVICES, type OrtDevice } from '../../runtime/engine.js';
import { findPackage, searchFolders } from '../../runtime/files/packages.js';
import { onnxRuntimeEngine } from '../../runtime/onnxruntime/onnxruntime.js';
import { elementCount } from '../../runtime/tensor.js';
import {
  candidatesFor,
  installCommand,
  TFJS_ENGINES,
  type TfjsEngineKind,
} from '../../runtime/tfjs/engines/engine-kinds.js';
import { type EngineReport, probeEngine } from '../../runtime/tfjs/engines/probe.js';
import { probeInChild } from '../../runtime/tfjs/engines/probe-in-child.js';
import { hasPrebuilt } from '../../runtime/tfjs/install.js';
import { seededWeights } from '../../weights/initialize.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import { print, printJson } from '../output/output.js';
import { tableText } from '../output/text-table.js';

interface Options {
  readonly json?: boolean;
  readonly probe?: string;
}

type EngineId = `onnxruntime-${OrtDevice}` | TfjsEngineKind;

const ENGINES: readonly EngineId[] = [
  ...ORT_DEVICES.map((device) => `onnxruntime-${device}` as const),
  ...TFJS_ENGINES,
];

export const command: CommandModule = {
  define(command, done) {
    command.option('--json', 'print the result as JSON');
    // The command starts itself with this option to try one engine in its own process.
    command.addOption(command.createOption('--probe <engine>').hideHelp());
    examples(command, ['unet doctor', 'unet doctor --json']);
    command.action(async (options: Options) => {
      done(options.probe === undefined ? await run(options) : await probe(options.probe));
    });
  },
};

async function probe(name: string): Promise<Outcome> {
  const engine = ENGINES.find((one) => one === name);
  if (!engine || !process.send) {
    return failure('internal-option', { option: '--probe', command: 'unet doctor' });
  }
  const device = ORT_DEVICES.find((one) => engine === `onnxruntime-${one}`);
  const kind = TFJS_ENGINES.find((one) => one === engine);
  const report = kind ? await probeEngine(kind) : await probeOrt(device ?? 'cpu');
  process.send(report);
  return 0;
}

async function run(options: Options): Promise<Outcome> {
  const script = process.argv[1] ?? '';
  const reports = new Map<EngineId, EngineReport>();
  const waiting = [...ENGINES];
  const work = async () => {
    for (let engine = waiting.shift(); engine; engine = waiting.shift()) {
      reports.set(engine, await probeInChild(script, ['doctor', '--probe', engine], process.cwd()));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const found = ENGINES.flatMap((engine) => {
    const report = reports.get(engine);
    return report ? [{ engine, report }] : [];
  });
  const chosen = candidatesFor(undefined).find((kind) => reports.get(kind)?.works);
  const summary = { found, chosen, faster: fasterThan(chosen) };
  if (options.json) printJson(asJson(summary));
  else print(asText(summary));
  return found.some(({ report }) => report.works) ? 0 : 1;
}

interface Summary {
  readonly found: readonly { readonly engine: EngineId; readonly report: EngineReport }[];
  /** The engine that `--engine tfjs` uses. */
  readonly chosen: TfjsEngineKind | undefined;
  /** Engines that could be installed, and would then be used instead. */
  readonly faster: readonly TfjsEngineKind[];
}

function fasterThan(chosen: TfjsEngineKind | undefined): readonly TfjsEngineKind[] {
  const kinds = candidatesFor(undefined);
  // Without any engine, suggest the one that comes from npm alone.
  if (chosen === undefined) return ['wasm'];
  const before = kinds.slice(0, kinds.indexOf(chosen));
  return before.filter((kind) => {
    if (kind === 'tfjs-node' || kind === 'tfjs-node-gpu') return hasPrebuilt(kind);
    // The package of wasm contains both of its kinds.
    return kind === 'wasm' && chosen === 'cpu';
  });
}

function noteOn(kind: TfjsEngineKind): string {
  return kind === 'tfjs-node-gpu' ? ' (an NVIDIA GPU with CUDA 11.2 and cuDNN 8.1)' : '';
}

function asJson({ found, chosen, faster }: Summary) {
  return {
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    cpus: availableParallelism(),
    engines: found.map(
      ({ engine, report: { works, installed, version, runs, trains, reason, warnings } }) => ({
        engine,
        works,
        installed,
        version: version ?? null,
        runs: runs.map(rankText),
        trains: trains.map(rankText),
        reason: reason ?? null,
        warnings,
      }),
    ),
    tfjs: chosen ?? null,
    faster: faster.map((kind) => ({ engine: kind, command: installCommand(kind) })),
  };
}

function rankText(rank: number): string {
  return `${rank}D`;
}

function asText({ found, chosen, faster }: Summary): string {
  const left = (title: string) => ({ title, align: 'left' as const });
  const rows = found.map(({ engine, report }) => {
    const state = report.works ? 'works' : report.installed ? 'does not work' : 'not installed';
    const what = (ranks: readonly number[]) => ranks.map(rankText).join(', ');
    return [titleOf(engine), report.version ?? '', state, what(report.runs), what(report.trains)];
  });
  const columns = ['engine', 'version', 'state', 'runs', 'trains'].map(left);
  const reasons = found.flatMap(({ engine, report }) => [
    ...(report.reason === undefined ? [] : [`  ${titleOf(engine)}: ${report.reason}`]),
    ...report.warnings.map((warning) => `  ${titleOf(engine)}: ${warning}`),
  ]);
  const name = found.find(({ engine }) => engine === chosen)?.report.name;
  const commands = faster.map((kind) => `  ${installCommand(kind)}${noteOn(kind)}`);
  return [
    `Node ${process.versions.node} on ${process.platform} ${process.arch}, CPUs: ${availableParallelism()}`,
    '',
    tableText(columns, rows, 'text'),
    ...(reasons.length > 0 ? ['', 'Reasons:', ...reasons] : []),
    '',
    chosen === undefined ? '--engine tfjs has no engine.' : `--engine tfjs uses ${name ?? chosen}.`,
    ...(commands.length > 0
      ? [chosen === undefined ? 'Install one with:' : 'Install a faster one with:', ...commands]
      : []),
  ].join('\n');
}

function titleOf(engine: EngineId): string {
  const device = ORT_DEVICES.find((one) => engine === `onnxruntime-${one}`);
  if (device !== undefined) return `onnxruntime, ${device}`;
  return engine === 'wasm-threads' ? 'wasm, threads' : engine;
}

/** Small networks that use what every network uses; softmax makes their outputs sum to 1 at every position. */
const NETWORKS: Readonly<Record<number, string>> = {
  2: 'unet Two { input = 1 x 8 x 8 classes = 2 depth = 1 channels = 2 padding = same }',
  3: 'unet Three { input = 1 x 8 x 8 x 8 classes = 2 depth = 1 channels = 2 padding = same }',
};

/** Builds and runs networks with two and three axes. onnxruntime does not train. */
async function probeOrt(device: OrtDevice): Promise<EngineReport> {
  const found = findPackage('onnxruntime-node', searchFolders());
  const version = found === undefined ? {} : { version: found.version };
  const runs: number[] = [];
  for (const rank of [2, 3]) {
    const reason = await runSmall(device, NETWORKS[rank] ?? '');
    if (reason === undefined) runs.push(rank);
    else if (rank === 2) {
      return {
        works: false,
        installed: found !== undefined,
        ...version,
        reason,
        runs,
        trains: [],
        warnings: [],
      };
    }
  }
  const name = `onnxruntime on ${device}`;
  return { works: true, installed: true, name, ...version, runs, trains: [], warnings: [] };
}

/** Why a network cannot run; undefined if it can. */
async function runSmall(device: OrtDevice, text: string): Promise<string | undefined> {
  const [network] = compile('probe.unet', text).networks;
  if (!network) throw new Error('the small network does not compile');
  const weights = seededWeights(0);
  const built = buildOnnx(network.graph, { weights, fileName: 'probe.onnx', producerVersion: '' });
  const [file] = built.ok ? built.files : [];
  if (!file) throw new Error('the small network does not build');
  const bytes = Buffer.concat(Array.from(file.chunks, (chunk) => Buffer.from(chunk)));
  const session = await onnxRuntimeEngine().load(bytes, { device });
  if (session instanceof Failure) return withHelp(session);
  const shape = (session.inputs[0]?.shape ?? []).map((size) => (typeof size === 'number' ? size : 1));
  const results = await session.run({ shape, data: new Float32Array(elementCount(shape)).fill(0.5) });
  await session.close();
  if (results instanceof Failure) return withHelp(results);
  const [output] = results.values();
  if (output === undefined) return 'the network gave no output';
  const half = output.data.length / 2;
  const sums = output.data.subarray(0, half).map((value, i) => value + (output.data[half + i] ?? 0));
  return sums.every((value) => Math.abs(value - 1) < 1e-3) ? undefined : 'the results are wrong';
}
