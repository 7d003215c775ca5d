import * as z from 'zod';
import { RunRequest } from './run-request.ts';

export const ConcurrencyRequest = z
  .strictObject({
    key: z.string().min(1).max(256).meta({ description: 'What the runs share.' }),
    limit: z
      .int()
      .min(1)
      .default(1)
      .meta({ description: 'Runs with this key that may run at once.' }),
    on_conflict: z.enum(['queue', 'reject', 'cancel_running']).default('queue').meta({
      description:
        'What becomes of a run that would be one too many: it waits for the others, is refused with 409, or takes their place.',
    }),
  })
  .meta({
    id: 'ConcurrencyRequest',
    description: 'Keeps runs with the same key from overlapping.',
    examples: [{ key: 'customer-42', limit: 1, on_conflict: 'queue' }],
  });

export const CallbackRequest = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .meta({ description: 'Where to send it.' }),
    secret: z.string().min(1).max(512).nullable().optional().meta({
      description: 'Signs what is sent, as Standard Webhooks does. It is never shown again.',
    }),
  })
  .meta({
    id: 'CallbackRequest',
    description: 'Whom to tell when the run has ended.',
    examples: [{ url: 'https://example.org/hooks/kedro', secret: 'whsec_C2FVsBQIhrscChlQ' }],
  });

const datasetNames = (description: string) =>
  z.array(z.string()).nullable().optional().meta({ description });

/**
 * The body of `POST /runs`. Requests are read by `parseRunSubmission`, which keeps the
 * text of `params` and `inputs` as it was written.
 */
export const RunSubmissionRequest = z
  .strictObject({
    ...RunRequest.shape,
    inputs: z.record(z.string(), z.unknown()).nullable().optional().meta({
      description:
        'Data for datasets, by name, in place of what the catalog has, in this run only. The selection has to read each of them, and make none of them itself.',
    }),
    input_kinds: z
      .record(z.string(), z.enum(['json', 'table', 'array']))
      .nullable()
      .optional()
      .meta({
        description:
          'What the data of `inputs` is made into where the catalog does not say: `json` leaves it as it is, `table` makes a table of records, `array` an array of nested lists of numbers.',
      }),
    outputs: datasetNames(
      'Datasets whose data is wanted. The selection has to make or read each of them.',
    ),
    timeout_ms: z
      .int()
      .min(1)
      .nullable()
      .optional()
      .meta({ description: 'Milliseconds from its start after which the run is ended.' }),
    labels: z
      .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_./-]{0,62}$/), z.string().max(256))
      .nullable()
      .optional()
      .meta({ description: 'Words of your own, to find the run by; at most 32.' }),
    priority: z.int().min(-1000).max(1000).default(0).meta({
      description: 'The greater begins earlier; among equals it is first come, first served.',
    }),
    concurrency: z.union([ConcurrencyRequest, z.null()]).optional(),
    overlap: z.enum(['wait', 'allow']).nullable().optional().meta({
      description:
        'Whether it waits for runs that write what it reads or writes, or read what it writes, and they for it; as the server is set where it is left out.',
    }),
    callback: z.union([CallbackRequest, z.null()]).optional(),
  })
  .meta({
    id: 'RunSubmissionRequest',
    description:
      'What to run, as for `POST /run`, and how. Every field may be left out; a field that is not listed here is refused.',
    examples: [
      {
        pipeline_names: ['__default__'],
        params: { factor: 3 },
        inputs: { numbers: [1, 2, 3] },
        outputs: ['total'],
        timeout_ms: 60_000,
        labels: { team: 'pricing' },
      },
    ],
  });

export type RunSubmissionRequest = z.input<typeof RunSubmissionRequest>;

export const RetryRequest = z
  .strictObject({
    from: z.enum(['start', 'failed']).default('start').meta({
      description:
        '`start` repeats the run; `failed` runs what it had not finished, and the nodes before that whose data was only in memory.',
    }),
  })
  .meta({
    id: 'RetryRequest',
    description: 'How to repeat a run. Without a body it is repeated from its start.',
    examples: [{ from: 'failed' }],
  });

export type RetryRequest = z.input<typeof RetryRequest>;
