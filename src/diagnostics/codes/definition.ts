export type Severity = 'error' | 'warning';

/** A code of the table: what it reports, in general and in one case. */
export interface Definition<A> {
  readonly severity: Severity;
  /** One sentence without the numbers of a case: the first line of the code's page. */
  readonly summary: string;
  /** The sentence for one case, from its typed arguments. */
  readonly message: (args: A) => string;
}

export function error<A>(summary: string, message: (args: A) => string): Definition<A> {
  return { severity: 'error', summary, message };
}

export function warning<A>(summary: string, message: (args: A) => string): Definition<A> {
  return { severity: 'warning', summary, message };
}

/** The arguments of a message that needs none. */
export type None = Record<never, never>;
