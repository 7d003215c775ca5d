/** Seed of the random tests, shown with their names; `KEDRO_TEST_SEED` repeats a run. */
export const seed = Number(process.env['KEDRO_TEST_SEED'] ?? 20_261_123);
