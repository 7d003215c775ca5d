/** Words that a key has when its value is a secret; spelled without separators, in lower case. */
const secretWords = [
  'password',
  'passwd',
  'passphrase',
  'passcode',
  'pwd',
  'secret',
  'credential',
  'apikey',
  'accesskey',
  'accountkey',
  'privatekey',
  'authorization',
  'cookie',
  'connectionstring',
];

/** Finds out fast that no secret name is in a text; they may be spelled with separators. */
export const suspicious =
  /pass|pwd|secret|credential|key|token|authorization|cookie|connection|\\u/iu;

/** Whether what stands under this name, of a parameter or an environment variable, is a secret. */
export function isSecretName(name: string): boolean {
  const word = name
    .slice(0, 256)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/gu, '');
  // `max_tokens` is a number of words, `token` and `api_token` are keys to something.
  return word.endsWith('token') || secretWords.some((secret) => word.includes(secret));
}
