export type Severity = 'error' | 'warning';

/** An entry of the table of codes. */
export interface Definition<A> {
  readonly severity: Severity;
  /** What the code reports in general, in one sentence: the first line of the code's page. */
  readonly summary: string;
  /** What it reports in one case, in one sentence made from typed arguments. */
  readonly message: (args: A) => string;
  /** The remedy for one case, in one sentence; undefined where there is no short one. */
  readonly help: (args: A) => string | undefined;
}

export function error<A>(
  summary: string,
  message: (args: A) => string,
  help: (args: A) => string | undefined = noHelp,
): Definition<A> {
  return { severity: 'error', summary, message, help };
}

export function warning<A>(summary: string, message: (args: A) => string): Definition<A> {
  return { severity: 'warning', summary, message, help: noHelp };
}

function noHelp(): undefined {
  return undefined;
}

/** The arguments of a message that needs none. */
export type None = Record<never, never>;
