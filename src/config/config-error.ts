import { KedroServerError, type ConfigErrorCode } from '../errors.ts';

/** What Kedro calls each error; it is the `error.type` that its server answers with. */
const kedroTypes = {
  'config-missing': 'MissingConfigException',
  'config-kind-unknown': 'KeyError',
  'config-setting-invalid': 'ValueError',
  'config-keys-duplicate': 'ValueError',
  'config-key-ambiguous': 'KeyValidationError',
  'config-key-not-text': 'AttributeError',
  'config-not-mapping': 'AttributeError',
  'config-merge-impossible': 'TypeError',
  'config-value-unsupported': 'UnsupportedValueType',
  'config-too-deep': 'RecursionError',
  'yaml-syntax-invalid': 'ParserError',
  'yaml-character-invalid': 'ReaderError',
  'yaml-document-invalid': 'ComposerError',
  'yaml-value-invalid': 'ConstructorError',
  'interpolation-syntax-invalid': 'GrammarParseError',
  'interpolation-failed': 'InterpolationResolutionError',
  'interpolation-key-missing': 'InterpolationKeyError',
  'interpolation-value-missing': 'InterpolationToMissingValueError',
  'resolver-unknown': 'UnsupportedInterpolationType',
  'path-outside': 'ValueError',
  'params-invalid': 'ValueError',
} as const satisfies Record<ConfigErrorCode, string>;

/**
 * Configuration that cannot be used; `name` is Kedro's own type. The message names files, keys
 * and variables; a value of credentials is never in it, nor in its cause.
 */
export class ConfigError extends KedroServerError<ConfigErrorCode> {
  override readonly name: string;

  constructor(code: ConfigErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.name = kedroTypes[code];
  }
}

/** A path of keys leads through a single value. */
export class BlockedPathError extends ConfigError {
  constructor(message: string) {
    super('interpolation-failed', message);
  }
}

const interpolationCodes: ReadonlySet<ConfigErrorCode> = new Set<ConfigErrorCode>([
  'interpolation-failed',
  'interpolation-key-missing',
  'interpolation-value-missing',
  'resolver-unknown',
]);

/** Whether resolving an interpolation failed, as against reading or merging. */
export function isInterpolationError(error: unknown): error is ConfigError {
  return error instanceof ConfigError && interpolationCodes.has(error.code);
}
