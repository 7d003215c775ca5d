import { expect, test } from 'vitest';
import {
  parseByteSize,
  parseChoice,
  parseInteger,
  parseSeconds,
} from '../../src/cli/parse-value.ts';

test.each([
  ['1', 1],
  ['1048576', 1_048_576],
  ['1kB', 1000],
  ['2GiB', 2_147_483_648],
  ['1.5 MiB', 1_572_864],
  ['100mb', 100_000_000],
])('%s is a size', (text, bytes) => {
  expect(parseByteSize('max-body', text)).toBe(bytes);
});

test.each(['', '0', '-1', '1TB', 'MiB', '1e3', '1 0', '1MiBB', '999999999999GiB'])(
  '%j is no size',
  (text) => {
    expect(() => parseByteSize('max-body', text)).toThrow(
      `Invalid value for '--max-body': '${text}' is no size. Write it like 512MiB or 2GB.`,
    );
  },
);

test.each(['', '-1', '65536', '80.5', '8e3', '0x50', ' 80', '9'.repeat(20)])(
  '%j is no port',
  (text) => {
    expect(() => parseInteger('port', text, 0, 65_535)).toThrow(
      `Invalid value for '--port': '${text}' is no whole number of 0 to 65535.`,
    );
  },
);

test('seconds are read to milliseconds', () => {
  expect(parseSeconds('grace', '0')).toBe(0);
  expect(parseSeconds('grace', '2.5')).toBe(2500);
  expect(() => parseSeconds('grace', '10s')).toThrow(
    "Invalid value for '--grace': '10s' is no number of seconds.",
  );
});

test('a choice is one of its words', () => {
  expect(parseChoice('worker-start', 'fork', ['fork', 'spawn'])).toBe('fork');
  expect(() => parseChoice('worker-start', 'thread', ['fork', 'spawn'])).toThrow(
    "Invalid value for '--worker-start': 'thread' is not one of fork, spawn.",
  );
});
