import { type CatalogErrorCode, KedroServerError } from '../errors.ts';

/** What Kedro calls each error; it is the `error.type` that its server answers with. */
const kedroTypes = {
  'dataset-invalid': 'DatasetError',
  'dataset-type-unknown': 'DatasetError',
  'dataset-not-found': 'DatasetNotFoundError',
  'dataset-load-failed': 'DatasetError',
  'dataset-save-failed': 'DatasetError',
  'dataset-exists-failed': 'DatasetError',
  'dataset-release-failed': 'DatasetError',
  'dataset-confirm-failed': 'DatasetError',
  'dataset-empty': 'DatasetError',
  'patterns-invalid': 'DatasetError',
  'credentials-not-found': 'KeyError',
  'version-invalid': 'DatasetError',
  'version-not-found': 'VersionNotFoundError',
  'version-exists': 'DatasetError',
  'file-system-unknown': 'DatasetError',
  'file-not-found': 'FileNotFoundError',
  'file-exists': 'FileExistsError',
  'file-failed': 'OSError',
  'path-refused': 'DatasetError',
} as const satisfies Record<CatalogErrorCode, string>;

/** A dataset or the catalog is defined or used wrongly, or failed; `name` is Kedro's own type. */
export class DatasetError extends KedroServerError<CatalogErrorCode> {
  override readonly name: string;

  constructor(code: CatalogErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.name = kedroTypes[code];
  }
}
