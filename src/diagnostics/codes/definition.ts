export type Severity = 'error' | 'warning';

/** A code of the table: what it reports, in general and in one case. */
export interface Definition<A> {
  readonly severity: Severity;
  /** One sentence without the numbers of a case: the first line of the code's page. */
  readonly summary: string;
  /** The sentence for one case, from its typed arguments. */
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
