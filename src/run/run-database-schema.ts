/** Marks a SQLite file as a store of runs: "KdRn". */
export const applicationId = 0x4b64526e;

/**
 * What makes each version of the schema of the one before it; the first begins with an empty file.
 * SQLite's text is UTF-8 up to the first NUL: names and keys are kept as the JSON text of them, and
 * data that is no such text as a blob of UTF-16. Outputs are in parts, as a row of a Durable Object
 * has 2 MB. `run_terms` is what runs are found by,
 * `removed` has runs that are gone and whose entries and outputs are yet to be.
 */
export const schemaSteps: readonly string[] = [
  `
  CREATE TABLE owner (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    pid INTEGER NOT NULL,
    host TEXT NOT NULL
  ) STRICT;

  CREATE TABLE runs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    created_at REAL NOT NULL,
    ended_at REAL,
    state TEXT NOT NULL
  ) STRICT;
  CREATE INDEX runs_by_status ON runs (status, id);
  CREATE INDEX runs_by_creation ON runs (created_at, id);
  CREATE INDEX runs_by_end ON runs (ended_at, id) WHERE ended_at IS NOT NULL;
  CREATE INDEX runs_unfinished ON runs (id) WHERE ended_at IS NULL;

  CREATE TABLE submissions (run INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;

  CREATE TABLE run_terms (
    term TEXT NOT NULL,
    run_id TEXT NOT NULL,
    PRIMARY KEY (term, run_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE entries (
    run INTEGER NOT NULL,
    id INTEGER NOT NULL,
    type TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (run, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE outputs (
    run INTEGER NOT NULL,
    name TEXT NOT NULL,
    json ANY NOT NULL,
    PRIMARY KEY (run, name)
  ) STRICT;

  CREATE TABLE keys (
    key TEXT PRIMARY KEY NOT NULL,
    fingerprint TEXT NOT NULL,
    expires_at REAL NOT NULL,
    run_id TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX keys_by_expiry ON keys (expires_at);

  CREATE TABLE callbacks (
    run INTEGER PRIMARY KEY,
    attempts INTEGER NOT NULL,
    due_at REAL NOT NULL
  ) STRICT;

  CREATE TABLE removed (run INTEGER PRIMARY KEY) STRICT;
  `,
  `
  ALTER TABLE submissions ADD COLUMN inputs ANY;
  `,
  `
  ALTER TABLE runs ADD COLUMN save_version TEXT;
  UPDATE runs SET save_version = json_extract(state, '$.saveVersion');
  CREATE INDEX runs_by_version ON runs (save_version);
  `,
  `
  ALTER TABLE outputs RENAME TO whole_outputs;
  CREATE TABLE outputs (
    run INTEGER NOT NULL,
    name TEXT NOT NULL,
    part INTEGER NOT NULL,
    json ANY NOT NULL,
    PRIMARY KEY (run, name, part)
  ) STRICT;
  INSERT INTO outputs (run, name, part, json) SELECT run, name, 0, json FROM whole_outputs;
  DROP TABLE whole_outputs;
  `,
];
