/** What stands where a secret stood. */
export const hidden = '<redacted>';

// The patterns are those of python/kedro_server_worker/line_redaction.py, letter by letter. Each
// is linear: its parts are bounded, or take all that they can and cannot fail afterwards.

/** Without one of these there is nothing to hide. A busy log is read by this alone. */
const suspicious =
  /pass|pwd|secret|token|key|authorization|cookie|connection|bearer|basic|eyj|akia|asia|gh[a-z]_|github_|glpat-|xox|aiza|sk-|hf_|kds_/i;

const pem =
  /(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)(?:[^-]|-(?!-))*(-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?/g;

/** JSON Web Tokens, and keys of AWS, GitHub, GitLab, Slack, Google, OpenAI, Hugging Face and ours. */
const shapes =
  /(?<![A-Za-z0-9_-])(?:eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)?|sk-[A-Za-z0-9_-]{20,})|(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{35}|hf_[A-Za-z0-9]{30,}|kds_[A-Za-z0-9]{16,}/g;

/** `password=…`, `"token": "…"`, `api_key: …`, `Authorization: Bearer …`: name, sign and what is hidden. */
const members =
  /((?:(?:pass(?:word|wd|phrase|code)|pwd|secret|(?:api|access|account|private)[_-]?key|authorization|cookie|connection[_-]?string)(?:[_-][A-Za-z0-9_-]{0,40}|[0-9]{1,4})?|token)(?:\\{0,3}["'])?\]?[ \t]{0,8}(?:[:=]{1,2}|=>)[ \t]{0,8})(?:([bru]{0,2}")(?:[^"\\\r\n]|\\[^\r\n])+|([bru]{0,2}')(?:[^'\\\r\n]|\\[^\r\n])+|(\\{1,3}["'])[^"'\\\r\n]+|(?!(?:none|null|true|false|undefined)(?![A-Za-z0-9_]))(?:(?:bearer|basic|digest|negotiate|token)[ \t]{1,8})?[^ \t\r\n\f\v,;&"'\\({[][^ \t\r\n\f\v,;&"'\\]*)/gi;

const bearer =
  /\b(bearer|basic)([ \t]{1,8})(?=[A-Za-z0-9._~+/=-]{8})(?:[A-Za-z._~+/-]{0,63}[0-9][A-Za-z0-9._~+/=-]*|[A-Za-z._~+/=-]{20,})/gi;

/** The text without what looks like a secret: keys, tokens, and what stands under secret names. */
export function hideSecrets(text: string): string {
  if (!suspicious.test(text)) return text;
  return text
    .replace(pem, `$1${hidden}$2`)
    .replace(shapes, hidden)
    .replace(members, `$1$2$3$4${hidden}`)
    .replace(bearer, `$1$2${hidden}`);
}

const keyBegin = 'PRIVATE KEY';
const keyLine =
  /^(?:[ \t\r]{0,64}[A-Za-z0-9+/=]{0,128}[ \t\r]{0,64}|(?:Proc-Type|DEK-Info|Comment|Version): [^\n]*)$/;

/** Hides a private key whose lines come one by one. */
export class KeyLines {
  #isInside = false;

  /** Whether this line is of a key that an earlier one has begun. */
  take(line: string): boolean {
    if (!this.#isInside) {
      this.#isInside =
        line.includes(keyBegin) && line.includes('-----BEGIN ') && !line.includes('-----END ');
      return false;
    }
    this.#isInside = keyLine.test(line);
    return this.#isInside || line.includes('-----END ');
  }
}
