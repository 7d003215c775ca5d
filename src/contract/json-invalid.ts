/** The text is not what Python takes for JSON; the message is that of its `JSONDecodeError`. */
export class JsonInvalid extends Error {
  override readonly name = 'JsonInvalid';
  /** Where reading ended, in code points from the start of the text. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}
