import { disk } from './disk.ts';
import { ends } from './ends.ts';
import { faults } from './faults.ts';
import { input } from './input.ts';
import { isolation } from './isolation.ts';
import { params } from './params.ts';
import type { PromiseRow } from './promise-row.ts';
import { secrets } from './secrets.ts';
import { talking } from './talking.ts';
import { timeAndRoom } from './time-and-room.ts';
import { who } from './who.ts';

/** The rows of the table in `docs/promises.md`. */
export const promiseRows: readonly PromiseRow[] = [
  isolation,
  faults,
  ends,
  timeAndRoom,
  talking,
  input,
  who,
  params,
  secrets,
  disk,
];
