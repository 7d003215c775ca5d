/** The error of a store that is given an entry which does not follow the last one of its run. */
export function entryMisplaced(runId: string, id: number, lastId: number): Error {
  return new Error(
    `Entry ${id} of run ${runId} cannot be written: the last one that is there is ${lastId}.`,
  );
}

/** The error of a store that is given what belongs to a run that it does not know. */
export function runMissing(runId: string): Error {
  return new Error(`There is no run ${runId} to write this of.`);
}
