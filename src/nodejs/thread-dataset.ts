import type { Dataset } from '../catalog/dataset.ts';
import { DatasetError } from '../catalog/dataset-error.ts';
import { findUncloneable } from './cloneable.ts';
import type { DatasetRequest } from './thread-messages.ts';

/** Asks the main thread about a dataset that it keeps; throws what the dataset threw there. */
export type AskMain = (dataset: string, request: DatasetRequest) => Promise<unknown>;

/** Throws `DatasetError` for data that would not arrive in another thread as it is. */
export function checkShared(
  data: unknown,
  code: 'dataset-load-failed' | 'dataset-save-failed',
): void {
  const found = findUncloneable(data);
  if (found === undefined) return;
  throw new DatasetError(
    code,
    `The data cannot pass from one thread to another: ${found}. Give the dataset an entry in the catalog that keeps it in a file, make plain data of it in the node, or run the pipeline with 'ThreadRunner' or 'SequentialRunner'.`,
  );
}

/** A dataset that the main thread keeps, as the datasets of another thread see it. */
export class ThreadDataset implements Dataset {
  readonly ephemeral = true;
  readonly #name: string;
  readonly #ask: AskMain;

  constructor(name: string, ask: AskMain) {
    this.#name = name;
    this.#ask = ask;
  }

  async #tell(request: DatasetRequest): Promise<unknown> {
    try {
      return await this.#ask(this.#name, request);
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      // The catalog of this thread puts the name before the message again.
      const message = error.message.replace(`${this.#name}: `, '');
      throw new DatasetError(error.code, message, { cause: error });
    }
  }

  async load(): Promise<unknown> {
    return await this.#tell({ action: 'load' });
  }

  async save(data: unknown): Promise<void> {
    checkShared(data, 'dataset-save-failed');
    await this.#tell({ action: 'save', data });
  }

  async exists(): Promise<boolean> {
    return (await this.#tell({ action: 'exists' })) === true;
  }

  async release(): Promise<void> {
    // The main thread releases it when no node needs it any more.
  }

  async confirm(): Promise<void> {
    await this.#tell({ action: 'confirm' });
  }

  describe(): Readonly<Record<string, unknown>> {
    return { name: this.#name };
  }
}
