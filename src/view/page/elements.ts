/** The element with this id, which the page has. */
export function element<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} #${id}`);
}

/** The element with this id, if the page has it. */
export function optionalElement<T extends Element>(id: string, type: new () => T): T | undefined {
  const found = document.getElementById(id);
  return found instanceof type ? found : undefined;
}

/** All elements of this type that a selector finds. */
export function allElements<T extends Element>(selector: string, type: new () => T): T[] {
  return Array.from(document.querySelectorAll(selector)).filter((one): one is T => one instanceof type);
}

/** A number for people: at most six digits that count. */
export function shownNumber(value: number): string {
  return Number.isNaN(value) ? 'not a number' : String(Number(value.toPrecision(6)));
}
