import { expect, inject, test } from 'vitest';

test.runIf(process.env['CI'])('Python with Kedro is there, as continuous integration needs', () => {
  expect(inject('pythonMissing')).toBeNull();
});

test.runIf(process.env['CI'])('PostgreSQL is there, as continuous integration needs', () => {
  expect(inject('postgresMissing')).toBeNull();
});

test.runIf(process.env['CI'])('Redis is there, as continuous integration needs', () => {
  expect(inject('redisMissing')).toBeNull();
});

test.runIf(process.env['CI'])('Chromium is there, as continuous integration needs', () => {
  expect(inject('chromiumMissing')).toBeNull();
});

test.runIf(process.env['CI'])('a small disk can be made, as continuous integration needs', () => {
  expect(inject('smallDiskMissing')).toBeNull();
});
