import { statSync } from 'node:fs';

/** Whether a path is a folder. Whatever else is there, or is not, is told by those who open it. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
