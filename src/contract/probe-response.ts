import * as z from 'zod';

export const Liveness = z.object({ status: z.literal('alive') }).meta({
  id: 'Liveness',
  description: 'The server answers.',
  examples: [{ status: 'alive' as const }],
});

export const Readiness = z
  .object({
    status: z.literal('ready'),
    running: z.int().min(0).meta({ description: 'Runs that are running.' }),
    waiting: z.int().min(0).meta({ description: 'Runs that wait for their turn.' }),
    capacity: z.int().min(1).meta({ description: 'Runs that can run at once.' }),
  })
  .meta({
    id: 'Readiness',
    description: 'The server can take a run now.',
    examples: [{ status: 'ready' as const, running: 1, waiting: 0, capacity: 4 }],
  });

export type Readiness = z.infer<typeof Readiness>;
