import { ServerSettingsError } from '../errors.ts';

/** What workers get of the server's environment, and the names of what they do not get. */
export interface WorkerEnvironment {
  readonly given: Readonly<Record<string, string>>;
  readonly withheld: readonly string[];
}

/** Names, and beginnings of names, of what a Python program and the libraries for data go by. */
const usual = [
  // The system, its languages and folders
  'PATH HOME USER LOGNAME SHELL PWD HOSTNAME TERM COLUMNS LINES LANG LANGUAGE LC_* TZ TZDIR',
  'TMPDIR TMP TEMP XDG_* NO_COLOR CI LD_LIBRARY_PATH LD_PRELOAD DYLD_* MALLOC_* KUBERNETES_*',
  'DO_NOT_TRACK',
  // Python, its environments, Kedro
  'PYTHON* VIRTUAL_ENV CONDA_* KEDRO_* OTEL_*',
  // Proxies and certificates
  'HTTP_PROXY HTTPS_PROXY FTP_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy ftp_proxy',
  'all_proxy no_proxy SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE KRB5*',
  // Clouds and file systems
  'AWS_* BOTO_* GOOGLE_* GCLOUD_* GCE_* GCS_* CLOUDSDK_* AZURE_* IDENTITY_* MSI_* OCI_*',
  'ALIBABA_CLOUD_* FSSPEC_* HADOOP_* HDFS_*',
  // Databases and engines
  'PG* MYSQL_* ODBC* ORACLE_* TNS_ADMIN NLS_LANG DUCKDB_* POLARS_* SNOWFLAKE_* DATABRICKS_*',
  'SPARK_* PYSPARK_* JAVA_* YARN_* HIVE_* DASK_* RAY_* MLFLOW_* HF_* HUGGINGFACE_* GDAL_*',
  'PROJ_*',
  // Threads and devices
  'OMP_* OPENBLAS_* MKL_* KMP_* BLIS_* NUMEXPR_* NUMBA_* VECLIB_* ARROW_* TOKENIZERS_* CUDA_*',
  'NVIDIA_* TF_* TORCH* PYTORCH_*',
].flatMap((names) => names.split(' '));

/** Secrets of the server, which no pipeline has a use for; only their whole names give them. */
const ownSecrets = new Set([
  'KEDRO_SERVER_KEYS',
  'KEDRO_SERVER_TOKEN',
  'KEDRO_SERVER_REMOTE_TOKEN',
]);

const entry = /^(?:[A-Za-z_][A-Za-z0-9_]*\*?|\*)$/u;

/** Checks names and beginnings of names with a `*` behind them. Throws `ServerSettingsError`. */
export function parsePassEnv(passEnv: readonly string[] = []): readonly string[] {
  const wrong = passEnv.find((each) => !entry.test(each));
  if (wrong === undefined) return passEnv;
  throw new ServerSettingsError(
    `'${wrong}' is no name of an environment variable that passEnv can list: write a name, the beginning of names with '*' behind it like 'MY_APP_*', or '*' for all.`,
  );
}

/**
 * Selects what workers get: the usual, what `passEnv` lists (see `parsePassEnv`), and what the
 * project's configuration mentions.
 */
export function selectEnvironment(
  environment: NodeJS.ProcessEnv,
  passEnv: readonly string[],
  mentioned: ReadonlySet<string>,
): WorkerEnvironment {
  const listed = [...usual, ...passEnv];
  const names = new Set([...listed.filter((each) => !each.endsWith('*')), ...mentioned]);
  const beginnings = listed.filter((each) => each.endsWith('*')).map((each) => each.slice(0, -1));
  const given: Record<string, string> = {};
  const withheld: string[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue;
    const isListed = !ownSecrets.has(name) && beginnings.some((each) => name.startsWith(each));
    if (names.has(name) || isListed) given[name] = value;
    else withheld.push(name);
  }
  return { given, withheld: withheld.toSorted() };
}
