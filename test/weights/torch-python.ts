import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The Python that scripts/peers-torch.sh made, or undefined. */
export function torchPython(): string | undefined {
  const folder = process.env.UNET_PEERS_TORCH ?? join(homedir(), '.cache', 'unet-lang', 'peers-torch');
  const python = join(folder, 'bin', 'python');
  return existsSync(python) ? python : undefined;
}
