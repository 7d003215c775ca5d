import * as z from 'zod';

export const ErrorDetail = z
  .object({
    type: z.string().meta({ description: 'Exception type name.' }),
    message: z.string().meta({ description: 'Error message.' }),
  })
  .meta({
    id: 'ErrorDetail',
    description: 'What went wrong: the class of the exception and its text.',
  });

export type ErrorDetail = z.infer<typeof ErrorDetail>;
