/** A name of a case as the name of a file: without folders, and without characters that file systems forbid. */
function fileName(name: string): string {
  return name
    .replaceAll(/[^\p{L}\p{N}._#-]+/gu, '_')
    .replace(/^\.+/, '_')
    .slice(0, 100);
}

/** The name of a file for each case, without its ending. No two are equal, also where capitals do not count. */
export function pageNames(names: readonly string[]): readonly string[] {
  const used = new Set<string>();
  return names.map((name) => {
    const own = fileName(name) || '_';
    let found = own;
    for (let i = 2; used.has(found.toLowerCase()); i++) found = `${own}-${i}`;
    used.add(found.toLowerCase());
    return found;
  });
}
