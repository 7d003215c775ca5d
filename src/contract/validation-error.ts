import * as z from 'zod';

export const ValidationError = z
  .object({
    loc: z.array(z.union([z.string(), z.number().meta({ type: 'integer' })])),
    msg: z.string(),
    type: z.string(),
    input: z.unknown().optional(),
    ctx: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({
    id: 'ValidationError',
    description: 'One thing that is wrong with a request, and where.',
  });

export type ValidationError = z.infer<typeof ValidationError>;

export const HTTPValidationError = z
  .object({ detail: z.array(ValidationError).optional() })
  .meta({ id: 'HTTPValidationError', description: 'A request that could not be understood.' });

export type HTTPValidationError = z.infer<typeof HTTPValidationError>;
