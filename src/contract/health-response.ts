import * as z from 'zod';

export const HealthResponse = z
  .object({
    status: z
      .enum(['healthy', 'unhealthy'])
      .default('healthy')
      .meta({ description: 'Server health status.' }),
    kedro_version: z.string().meta({ description: 'Kedro version.' }),
  })
  .meta({ id: 'HealthResponse', description: 'Whether the server can do its work.' });

export type HealthResponse = z.infer<typeof HealthResponse>;
