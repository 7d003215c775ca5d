/** JSON that is already written, as a member of an object that is to be. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Writes an object as `JSON.stringify` does, and those of its members that are already written as
 * they stand. What is between them is written in one go: that is several times as fast as member
 * by member.
 */
export function writeObject(members: Readonly<Record<string, unknown>>): string {
  const texts: string[] = [];
  let plain: Record<string, unknown> = {};
  const flush = (): void => {
    const text = JSON.stringify(plain).slice(1, -1);
    if (text !== '') texts.push(text);
    plain = {};
  };
  for (const [key, member] of Object.entries(members)) {
    if (member instanceof JsonText) {
      flush();
      texts.push(`${JSON.stringify(key)}:${member.text}`);
    } else plain[key] = member;
  }
  flush();
  return `{${texts.join(',')}}`;
}
