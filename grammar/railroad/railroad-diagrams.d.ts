/** The part of the package that this repository uses. */
declare module 'railroad-diagrams' {
  interface DiagramElement {
    readonly width: number;
    readonly up: number;
    readonly down: number;
    readonly needsSpace?: boolean;
    /** Draws itself from (x, y) to (x + width, y). */
    format(x: number, y: number, width: number): DiagramElement;
    addTo(parent: { children: unknown[] }): DiagramElement;
    toString(): string;
  }
  interface Railroad {
    Diagram(...items: DiagramElement[]): DiagramElement;
    Sequence(...items: DiagramElement[]): DiagramElement;
    /** `normal` is the index of the item on the straight line. */
    Choice(normal: number, ...items: DiagramElement[]): DiagramElement;
    Optional(item: DiagramElement): DiagramElement;
    OneOrMore(item: DiagramElement, separator?: DiagramElement): DiagramElement;
    ZeroOrMore(item: DiagramElement, separator?: DiagramElement): DiagramElement;
    Terminal(text: string): DiagramElement;
    NonTerminal(text: string): DiagramElement;
    Skip(): DiagramElement;
  }
  const railroad: Railroad;

  export type { DiagramElement, Railroad };
  export default railroad;
}
