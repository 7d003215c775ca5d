interface JsonReader<Contract> {
  parse(text: string): Contract;
}

/**
 * Reads JSON that the server wrote to its contract. It is not checked again here: that would take
 * the schemas along, which are many times as large as the client.
 */
export function parseTrustedJson<Contract>(
  text: string,
  reader: JsonReader<Contract> = JSON,
): Contract {
  return reader.parse(text);
}
