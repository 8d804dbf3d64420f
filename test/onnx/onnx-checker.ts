import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What Python's `onnx` says about a model. */
export interface Checked {
  /** The checker's complaint; undefined for a valid model. */
  readonly error: string | undefined;
  /** Sizes that strict shape inference finds without the model's own value_info; null where it can't tell. */
  readonly shapes: Readonly<Record<string, readonly (number | string | null)[]>>;
}

/**
 * For each path on stdin: check_model with full_check, and strict shape inference of the model without
 * value_info.
 */
const SCRIPT = `
import json, sys, onnx, onnx.checker, onnx.shape_inference
def size(d):
    return d.dim_value if d.HasField('dim_value') else d.dim_param or None
def check(path):
    try:
        onnx.checker.check_model(path, full_check=True)
        model = onnx.load(path)
        del model.graph.value_info[:]
        inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
        return {'shapes': {v.name: [size(d) for d in v.type.tensor_type.shape.dim]
                           for v in inferred.graph.value_info if v.type.tensor_type.HasField('shape')}}
    except Exception as e:
        return {'error': str(e), 'shapes': {}}
print(json.dumps([check(line) for line in sys.stdin.read().splitlines()]))
`;

let found: { readonly python: string; readonly opset: number } | undefined | 'unknown' = 'unknown';

/** The Python that has the onnx package, and the highest opset that the package knows. */
function findPython(): { readonly python: string; readonly opset: number } | undefined {
  if (found !== 'unknown') return found;
  found = undefined;
  for (const python of ['python3', '/usr/bin/python3']) {
    const result = spawnSync(python, ['-c', 'import onnx.defs; print(onnx.defs.onnx_opset_version())'], {
      encoding: 'utf8',
    });
    if (result.status === 0) {
      found = { python, opset: Number(result.stdout) };
      break;
    }
  }
  return found;
}

/** The highest opset that can be checked here; undefined where Python's onnx is not installed. */
export function checkableOpset(): number | undefined {
  return findPython()?.opset;
}

/** Skips a test, and says so, where Python's onnx is not installed. */
export function skipWithoutChecker(context: { skip(note?: string): unknown }): void {
  if (checkableOpset() !== undefined) return;
  console.log('skipped: python3-onnx is not installed');
  context.skip('python3-onnx is not installed');
}

/**
 * Checks models in one Python process. Throws where there is no Python with onnx: ask checkableOpset()
 * first.
 */
export function checkModels(models: readonly Uint8Array[]): readonly Checked[] {
  const python = findPython()?.python;
  if (!python) throw new Error('python3-onnx is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'onnx-check-'));
  try {
    const paths = models.map((bytes, i) => {
      const path = join(folder, `${i}.onnx`);
      writeFileSync(path, bytes);
      return path;
    });
    const result = spawnSync(python, ['-c', SCRIPT], {
      input: paths.join('\n'),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (result.status !== 0) throw new Error(result.stderr);
    return JSON.parse(result.stdout) as Checked[]; // the script above writes exactly this
  } finally {
    rmSync(folder, { recursive: true });
  }
}
