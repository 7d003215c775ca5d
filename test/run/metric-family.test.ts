import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createCounter, createReading, createHistogram } from '../../src/run/metric-family.ts';
import { readPrometheusText } from './prometheus-text.ts';

test('a counter', () => {
  const counter = createCounter({ name: 'a_total', help: 'What\nit is: \\.', labels: ['b', 'c'] });
  expect(counter.toText()).toBe('# HELP a_total What\\nit is: \\\\.\n# TYPE a_total counter\n');
  counter.of({ b: 'x', c: 'y' }).add();
  counter.of({ c: 'y', b: 'x' }).add();
  counter.of({ b: '\\ " \n', c: '' }).add();
  expect(counter.toText().split('\n').slice(2)).toEqual([
    'a_total{b="x",c="y"} 2',
    String.raw`a_total{b="\\ \" \n",c=""} 1`,
    '',
  ]);
});

test('a gauge is read when it is asked for', () => {
  let value = 1.5;
  const gauge = createReading({ name: 'a', help: 'A.' }, 'gauge', () => value);
  expect(gauge.toText()).toBe('# HELP a A.\n# TYPE a gauge\na 1.5\n');
  value = Infinity;
  expect(gauge.toText()).toContain('\na +Inf\n');
});

test('a histogram counts up to its bounds, inclusive', () => {
  const histogram = createHistogram({ name: 'a', help: 'A.', labels: ['b'] }, [0.5, 1, 10]);
  for (const value of [0.5, 0.6, 1, 10, 11]) histogram.of({ b: 'x' }).observe(value);
  expect(histogram.toText().split('\n').slice(2)).toEqual([
    'a_bucket{b="x",le="0.5"} 1',
    'a_bucket{b="x",le="1"} 3',
    'a_bucket{b="x",le="10"} 4',
    'a_bucket{b="x",le="+Inf"} 5',
    'a_sum{b="x"} 23.1',
    'a_count{b="x"} 5',
    '',
  ]);
});

test('a histogram without labels', () => {
  const histogram = createHistogram({ name: 'a', help: 'A.', labels: [] }, [1]);
  histogram.of({}).observe(2);
  expect(histogram.toText()).toContain('a_bucket{le="1"} 0\na_bucket{le="+Inf"} 1\na_sum 2\n');
});

test('any label value can be read again', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme' }), { maxLength: 20 }), (values) => {
      const counter = createCounter({ name: 'a_total', help: 'A.', labels: ['b'] });
      for (const value of values) counter.of({ b: value }).add();
      const { samples } = readPrometheusText(counter.toText());
      expect(samples.map(({ labels }) => labels['b'])).toEqual(values);
    }),
  );
});

test('there are at most 1,000 series, and one for the others', () => {
  const counter = createCounter({ name: 'a_total', help: 'A.', labels: ['b', 'c'] });
  for (let at = 0; at < 5000; at += 1) counter.of({ b: String(at), c: 'x' }).add();
  counter.of({ b: '0', c: 'x' }).add();
  const { samples } = readPrometheusText(counter.toText());
  expect(samples).toHaveLength(1001);
  expect(samples[0]).toMatchObject({ labels: { b: '0', c: 'x' }, value: 2 });
  expect(samples.at(-1)).toEqual({
    name: 'a_total',
    labels: { b: 'other', c: 'other' },
    value: 4000,
  });
});
