import { expect, test } from 'vitest';

import { createEventQueue } from '../../src/executor/event-queue.ts';

test('what is pushed is read once and in order, before and while it is read', async () => {
  const queue = createEventQueue<number>();
  queue.push(1);
  queue.push(2);
  const read: number[] = [];
  for await (const item of queue) {
    read.push(item);
    if (item === 2) {
      queue.push(3);
      queueMicrotask(() => queue.push(4));
    }
    if (item === 4) queue.end();
  }
  expect(read).toEqual([1, 2, 3, 4]);
});

test('a reader that waits is woken by the end, and nothing comes after it', async () => {
  const queue = createEventQueue<number>();
  const read: number[] = [];
  const reading = (async () => {
    for await (const item of queue) read.push(item);
  })();
  queue.end();
  queue.push(1);
  await reading;
  expect(read).toEqual([]);
});
