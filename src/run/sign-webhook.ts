const encoder = new TextEncoder();
const prefix = 'whsec_';

export interface WebhookMessage {
  /** The same in each attempt to deliver the message. */
  readonly id: string;
  /** Seconds since 1970, of the attempt. */
  readonly timestampS: number;
  readonly body: string;
}

/**
 * The bytes of a secret: what follows `whsec_` as Base64, any other text as UTF-8. Null when it is
 * empty, or the former and no Base64.
 */
export function readWebhookSecret(secret: string): Uint8Array<ArrayBuffer> | null {
  if (secret === '' || secret === prefix) return null;
  if (!secret.startsWith(prefix)) return encoder.encode(secret);
  try {
    return Uint8Array.from(atob(secret.slice(prefix.length)), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

/**
 * Gives the headers of https://www.standardwebhooks.com: `webhook-id`, `webhook-timestamp` and, with
 * a secret, `webhook-signature` by HMAC-SHA256. Throws `TypeError` for a secret that is none.
 */
export async function signWebhook(
  { id, timestampS, body }: WebhookMessage,
  secret: string | null,
): Promise<Record<string, string>> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestampS) };
  if (secret === null) return headers;
  const bytes = readWebhookSecret(secret);
  if (bytes === null) {
    throw new TypeError("The secret of the callback is empty, or no Base64 after 'whsec_'.");
  }
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign']);
  const signed = encoder.encode(`${id}.${timestampS}.${body}`);
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, signed));
  return { ...headers, 'webhook-signature': `v1,${btoa(String.fromCharCode(...mac))}` };
}
