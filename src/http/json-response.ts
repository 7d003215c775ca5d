const ok = { status: 200, headers: { 'content-type': 'application/json' } } as const;

/** Answers with JSON that is already written. */
export function jsonResponse(text: string): Response {
  return new Response(text, ok);
}

export function errorResponse(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(text, {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}
