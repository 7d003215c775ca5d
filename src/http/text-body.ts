const encoder = new TextEncoder();

/**
 * A body of texts that are made as its reader takes them: nothing is kept for one that is slow.
 * `stop` is called once nobody reads any more.
 */
export function createTextBody(
  texts: AsyncGenerator<string, void, void>,
  stop: () => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await texts.next();
          if (next.done === true) controller.close();
          else controller.enqueue(encoder.encode(next.value));
        } catch (error) {
          stop();
          controller.error(error);
        }
      },
      cancel() {
        stop();
      },
    },
    { highWaterMark: 0 },
  );
}
