import { createRedactor, type Redactor } from './redactor.ts';
import { secretsOfCredentials } from './secret-values.ts';

/** The values that must not be shown, as they become known; none is forgotten. */
export class KnownSecrets {
  readonly #values: Set<string>;
  readonly #seen = new WeakSet<object>();
  #redactor: Redactor;

  constructor(values: Iterable<string>) {
    this.#values = new Set(values);
    this.#redactor = createRedactor(this.#values);
  }

  get redactor(): Redactor {
    return this.#redactor;
  }

  /** Takes in a project's credentials, and looks at the same object once only. */
  addCredentials(credentials: object): void {
    if (this.#seen.has(credentials)) return;
    this.#seen.add(credentials);
    const known = this.#values.size;
    for (const value of secretsOfCredentials(credentials)) this.#values.add(value);
    if (this.#values.size > known) this.#redactor = createRedactor(this.#values);
  }

  /** What is known here, and `values`, which are of one run only. */
  with(values: Iterable<string>): KnownSecrets {
    return new KnownSecrets([...this.#values, ...values]);
  }
}
