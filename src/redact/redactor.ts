import { hideSecrets, KeyLines, hidden } from './hide-secrets.ts';
import { createValueHiding } from './hide-values.ts';
import { redactUrlCredentials } from './redact-url-credentials.ts';

/** Takes secrets out of texts that are shown. */
export interface Redactor {
  /** An error's message: URLs also lose all of their queries and fragments, as Kedro does it. */
  message(text: string): string;
  /** A line of a log: the names in a URL's query stay. */
  line(text: string): string;
  /** Only the values that it was made for: for what has been redacted where it came from. */
  values(text: string): string;
}

const maxLength = 64 * 1024;
/** What is searched beyond what is shown, so that no secret is cut into a part that is shown. */
const overlap = 4096;

const userPart = /([A-Za-z][A-Za-z0-9+.-]{0,30}:\/\/)[^ \t\r\n\f\v/"'<>]{1,512}@/g;
const queryValue = /([?&][^ \t\r\n\f\v?&=#]{1,64}=)[^ \t\r\n\f\v&#'"]+/g;

/** Values come between: one that looks like a part of a query would be hidden in part only. */
function redactLine(line: string, hideValues: (text: string) => string): string {
  if (!line.includes('://')) return hideSecrets(hideValues(line));
  const rest = hideValues(line.replace(userPart, `$1${hidden}@`));
  return hideSecrets(rest.replace(queryValue, `$1${hidden}`));
}

/** Long text is cut before it is searched. */
function cutAround(text: string, redact: (text: string) => string): string {
  if (text.length <= maxLength) return redact(text);
  const searched = redact(text.slice(0, maxLength + overlap));
  const isWhole = text.length <= maxLength + overlap;
  const shown = searched.slice(0, Math.min(maxLength, searched.length - (isWhole ? 0 : overlap)));
  return `${shown}… (${text.length - maxLength} more characters were cut)`;
}

/** Creates a redactor that also knows these values by heart; see `secretsOfCredentials`. */
export function createRedactor(values: Iterable<string> = []): Redactor {
  const hideValues = createValueHiding(values) ?? ((text: string): string => text);
  return {
    message: (text) =>
      cutAround(text, (part) => hideSecrets(hideValues(redactUrlCredentials(part)))),
    line: (text) => cutAround(text, (part) => redactLine(part, hideValues)),
    values: hideValues,
  };
}

/** A redactor of lines that come one after the other, which knows a key that goes over several. */
export function createLineRedactor(redactor: Redactor): (line: string) => string {
  const key = new KeyLines();
  return (line) => (key.take(line) ? hidden : redactor.line(line));
}
