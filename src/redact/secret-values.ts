import { isSecretName, suspicious } from './secret-name.ts';

/** What is shorter is no secret, but a port, a user, a yes or no. */
export const minSecretLength = 6;
const maxValues = 1000;
const noSecrets: ReadonlySet<string> = new Set();

const urlUser = /:\/\/([^ \t\r\n\f\v/?#"'<>]{1,512})@/gu;
/** Their values are names of files, whatever the names sound like. */
const fileName = /(?:_FILE|_PATH|_DIR|^GOOGLE_APPLICATION_CREDENTIALS)$/iu;

/** Passwords, or else all of the user part, of the URLs in a text. */
function* passwordsIn(text: string): Generator<string> {
  for (const [, user = ''] of text.matchAll(urlUser)) {
    const colon = user.indexOf(':');
    const password = user.slice(colon + 1);
    yield password;
    try {
      yield decodeURIComponent(password);
    } catch {
      // It is no encoded text.
    }
  }
}

/** Texts and numbers at any depth, without recursion; below `isSecret` false, those under secret names. */
function* leavesOf(root: unknown, isSecret: boolean): Generator<string> {
  const rest: (readonly [value: unknown, isSecret: boolean])[] = [[root, isSecret]];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const [value, isShut] = next;
    if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        rest.push([member, isShut || isSecretName(name)]);
      }
    } else if (isShut && ['string', 'number', 'bigint'].includes(typeof value)) {
      yield String(value);
    }
  }
}

/** A text on several lines is also printed line by line. */
function* partsOf(text: string): Generator<string> {
  yield text.trim();
  if (text.includes('://')) yield* passwordsIn(text);
  const lines = text.split('\n');
  if (lines.length > 1) {
    for (const line of lines) if (!line.startsWith('-----')) yield line.trim();
  }
}

function select(texts: Iterable<string>): ReadonlySet<string> {
  const values = new Set<string>();
  for (const text of texts) {
    if (text.length >= minSecretLength) values.add(text);
    if (values.size === maxValues) break;
  }
  return values;
}

function* allPartsOf(texts: Iterable<string>): Generator<string> {
  for (const text of texts) yield* partsOf(text);
}

function* secretTextsOf(
  environment: Readonly<Record<string, string | undefined>>,
): Generator<string> {
  for (const [name, value = ''] of Object.entries(environment)) {
    if (isSecretName(name) && !fileName.test(name)) yield* partsOf(value);
    else if (value.includes('://')) yield* passwordsIn(value);
  }
}

/** What must not be shown of a project's credentials: each text and number, at any depth. */
export function secretsOfCredentials(credentials: unknown): ReadonlySet<string> {
  return select(allPartsOf(leavesOf(credentials, true)));
}

/**
 * What must not be shown of a run's parameters, as JSON text: what stands under secret names, at
 * any depth. Nothing where it is no JSON, which fails the run by itself.
 */
export function secretsOfParamsJson(text: string | null): ReadonlySet<string> {
  if (text === null || !suspicious.test(text)) return noSecrets;
  try {
    return select(allPartsOf(leavesOf(JSON.parse(text), false)));
  } catch {
    return noSecrets;
  }
}

/**
 * What must not be shown of an environment: values of variables with secret names, and passwords
 * in URLs.
 */
export function secretsOfEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlySet<string> {
  return select(secretTextsOf(environment));
}
