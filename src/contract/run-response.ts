import * as z from 'zod';
import { ErrorDetail } from './error-detail.ts';

const outcome = {
  run_id: z.string().meta({ description: 'Unique identifier for this pipeline run.' }),
  duration_ms: z.number().meta({ description: 'Total execution time in milliseconds.' }),
};

export const RunSuccess = z
  .object({ status: z.literal('success').meta({ description: 'Run status.' }), ...outcome })
  .meta({ id: 'RunSuccess', description: 'The pipeline ran to its end.' });

export type RunSuccess = z.infer<typeof RunSuccess>;

export const RunFailure = z
  .object({
    status: z.literal('failure').meta({ description: 'Run status.' }),
    ...outcome,
    error: ErrorDetail,
  })
  .meta({ id: 'RunFailure', description: 'The run ended before the pipeline did.' });

export type RunFailure = z.infer<typeof RunFailure>;

export const RunResponse = z.discriminatedUnion('status', [RunSuccess, RunFailure]);

export type RunResponse = z.infer<typeof RunResponse>;
