import type { RandomAccess } from './random-access.js';

/** Opens a file that another one names by a path relative to itself; a text says why it can't be read. */
export type OpenBeside = (path: string) => RandomAccess | string;

/** Opens a file beside another one or below it. A path that leads anywhere else is refused: files come from others. */
export function openInFolder(path: string, openBeside: OpenBeside): RandomAccess | string {
  const stays = path !== '' && !/^\/|^[A-Za-z]:|[\\\0]/.test(path) && !path.split('/').includes('..');
  return stays ? openBeside(path) : 'only a file below the folder of the model is read';
}
