import type { ConfigSource } from '../config/config-source.ts';

/** What has been read: texts by path, and lists of files by folder. */
export interface SeenFiles {
  readonly folders: Map<string, readonly string[] | null>;
  readonly texts: Map<string, string>;
}

/** Looks at each folder and file once, so that all who read see one state of it. */
export class ConfigReading {
  readonly #source: ConfigSource;
  readonly #folders = new Map<string, Promise<readonly string[] | null>>();
  readonly #texts = new Map<string, Promise<string>>();

  constructor(source: ConfigSource) {
    this.#source = source;
  }

  async #listFiles(folder: string): Promise<readonly string[] | null> {
    const pending = this.#folders.get(folder) ?? this.#source.listFiles(folder);
    this.#folders.set(folder, pending);
    return pending;
  }

  async #readText(path: string): Promise<string> {
    const pending = this.#texts.get(path) ?? this.#source.readText(path);
    this.#texts.set(path, pending);
    return pending;
  }

  /** The same files, for a reader of which `seen` is to know what it has read. */
  noting(seen: SeenFiles): ConfigSource {
    return {
      place: this.#source.place,
      listFiles: async (folder) => {
        const paths = await this.#listFiles(folder);
        seen.folders.set(folder, paths);
        return paths;
      },
      readText: async (path) => {
        const text = await this.#readText(path);
        seen.texts.set(path, text);
        return text;
      },
    };
  }

  /** Whether who reads again reads the same. */
  async isAsSeen({ folders, texts }: SeenFiles): Promise<boolean> {
    for (const [folder, seen] of folders) {
      const paths = await this.#listFiles(folder);
      if (paths === seen) continue;
      if (paths === null || seen === null || paths.length !== seen.length) return false;
      if (paths.some((path, index) => path !== seen[index])) return false;
    }
    for (const [path, seen] of texts) {
      if ((await this.#readText(path)) !== seen) return false;
    }
    return true;
  }
}
