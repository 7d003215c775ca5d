import * as z from 'zod';

export const ErrorMessage = z
  .object({ detail: z.string().meta({ description: 'Why, and what to do.' }) })
  .meta({ id: 'ErrorMessage', description: 'Why one of Kedro’s routes did not serve a request.' });

export type ErrorMessage = z.infer<typeof ErrorMessage>;
