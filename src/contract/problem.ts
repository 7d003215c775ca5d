import * as z from 'zod';

export const ProblemItem = z
  .object({
    detail: z.string().meta({ description: 'What is wrong there, and what to do.' }),
    pointer: z
      .string()
      .optional()
      .meta({ description: 'Where in the body it is, as a JSON pointer; empty for the whole.' }),
    parameter: z
      .string()
      .optional()
      .meta({ description: 'The query parameter or header that it is about.' }),
    close_names: z
      .array(z.string())
      .optional()
      .meta({ description: 'Names that there are and that look like it.' }),
  })
  .meta({
    id: 'ProblemItem',
    description: 'One of the things that are wrong with a request.',
    examples: [
      {
        detail: "There is no pipeline 'reprot'. Did you mean 'report'?",
        pointer: '/pipeline_names/0',
        close_names: ['report'],
      },
    ],
  });

export type ProblemItem = z.infer<typeof ProblemItem>;

export const Problem = z
  .object({
    type: z
      .string()
      .meta({ description: 'A URI for this kind of problem: `urn:kedro-server:` and its code.' }),
    title: z.string().meta({ description: 'The kind of problem, in words.' }),
    status: z.int().min(400).max(599).meta({ description: 'The HTTP status.' }),
    detail: z.string().meta({ description: 'What went wrong this time, and what to do next.' }),
    code: z.string().meta({ description: 'A stable name for programs to look at.' }),
    errors: z
      .array(ProblemItem)
      .optional()
      .meta({ description: 'All that is wrong with the request.' }),
    run_id: z.string().optional().meta({ description: 'The run that it is about.' }),
    run_ids: z.array(z.string()).optional().meta({ description: 'The runs that are in the way.' }),
    trace_id: z.string().optional().meta({
      description: 'The trace of the request: that of `traceparent`, or else its `X-Request-Id`.',
    }),
  })
  .meta({
    id: 'Problem',
    description: 'Why a request was not served, as RFC 9457 has it.',
    examples: [
      {
        type: 'urn:kedro-server:run-invalid',
        title: 'The run cannot be run',
        status: 422,
        detail: "There is no pipeline 'reprot'. Did you mean 'report'?",
        code: 'run-invalid',
        errors: [
          {
            detail: "There is no pipeline 'reprot'. Did you mean 'report'?",
            pointer: '/pipeline_names/0',
            close_names: ['report'],
          },
        ],
        trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      },
    ],
  });

export type Problem = z.infer<typeof Problem>;
