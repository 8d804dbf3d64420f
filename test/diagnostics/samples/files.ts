import { type FileCause, fileCauses, type fileCodes } from '../../../src/diagnostics/codes/files.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';

// The keys of the list, and a code that it does not have.
const causes = [...(Object.keys(fileCauses) as FileCause[]), 'EWEIRD' as const];

export const fileSamples: { [C in keyof typeof fileCodes]: readonly CodeArguments<C>[] } = {
  'file-unreadable': causes.map((cause) => ({ path: 'net.unet', cause })),
  'file-unwritable': causes.map((cause) => ({ path: 'out/net.onnx', cause })),
  'file-empty': [{ path: 'net.onnx' }],
  'file-exists': [
    { folder: 'my-network', files: ['net.unet'] },
    { folder: 'my-network', files: ['net.unet', 'variants.unet', 'README.md'] },
  ],
  'installation-incomplete': [{ path: 'docs/diagnostics/syntax.md' }],
  'folder-unwatchable': [
    { folder: 'specs', reason: 'ENOSPC: System limit for number of file watchers reached' },
  ],
  'no-network': [{ path: 'blocks.unet' }],
  'spec-invalid': [
    { path: 'net.unet', errors: 1, diagnostics: [] },
    { path: 'net.unet', errors: 3, diagnostics: [] },
  ],
  'out-of-memory': [
    { need: { what: 'an image', shape: [3, 20_000, 30_000] }, bytes: 7_200_000_000 },
    { need: { path: 'volume.npy' }, bytes: 64_000_000_000 },
    { need: { tensor: 'encoder[1].conv[1].weight' }, bytes: 5_000_000_000 },
  ],
};
