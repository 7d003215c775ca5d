import * as z from 'zod';

export const RunToken = z
  .object({
    token: z.string().meta({ description: 'Sent as `Authorization: Bearer`.' }),
    run_id: z.string().meta({ description: 'The run that it is for.' }),
    expires_at: z.iso.datetime().meta({ description: 'When it ends.' }),
  })
  .meta({
    id: 'RunToken',
    description: 'A token for reading one run for a short time.',
    examples: [
      {
        token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImtlZHJvLXJ1bitqd3QifQ.e30.c2ln',
        run_id: '0193a1f0-5b1c-7c3e-9d1a-3f1d5a0c8e11',
        expires_at: '2026-03-01T09:45:00.000Z',
      },
    ],
  });

export type RunToken = z.infer<typeof RunToken>;
