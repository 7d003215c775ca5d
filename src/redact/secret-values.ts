import { isSecretName } from './secret-name.ts';

/** What is shorter is no secret, but a port, a user, a yes or no. */
export const minSecretLength = 6;
const maxValues = 1000;

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

function* leavesOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number' || typeof value === 'bigint') yield String(value);
  else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) yield* leavesOf(member);
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

/** What must not be shown of a project's credentials: each text and number, at any depth. */
export function secretsOfCredentials(credentials: unknown): ReadonlySet<string> {
  return select([...leavesOf(credentials)].flatMap((text) => [...partsOf(text)]));
}

/**
 * What must not be shown of an environment: values of variables with secret names, and passwords
 * in URLs.
 */
export function secretsOfEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlySet<string> {
  const texts = Object.entries(environment).flatMap(([name, value = '']) => {
    if (isSecretName(name) && !fileName.test(name)) return [...partsOf(value)];
    return value.includes('://') ? [...passwordsIn(value)] : [];
  });
  return select(texts);
}
