/** A body that Kedro's server answers with 400: it is no text, or too deep or too long to read. */
export class UnreadableBody extends Error {
  override readonly name = 'UnreadableBody';
}
