import * as z from 'zod';

const names = (description: string) =>
  z.array(z.string()).nullable().optional().meta({ description });

/**
 * The body of `POST /run`. Requests are read by `parseRunRequest`, which is more lenient with
 * booleans than this schema (as pydantic is) and keeps numbers as they were written.
 */
export const RunRequest = z
  .strictObject({
    from_inputs: names('A list of dataset names which should be used as a starting point.'),
    to_outputs: names('A list of dataset names which should be used as an end point.'),
    from_nodes: names('A list of node names which should be used as a starting point.'),
    to_nodes: names('A list of node names which should be used as an end point.'),
    node_names: names('Run only nodes with specified names.'),
    runner: z.string().nullable().optional().meta({
      description: 'Runner to use. Any importable subclass of `kedro.runner.AbstractRunner`.',
    }),
    is_async: z.boolean().default(false).meta({
      description: 'Load and save node inputs and outputs asynchronously with threads.',
    }),
    tags: names('Construct the pipeline using only nodes which have this tag attached.'),
    load_versions: z.record(z.string(), z.string()).nullable().optional().meta({
      description: 'Specify a particular dataset version for loading.',
    }),
    pipeline_names: names('List of registered pipeline names to run.'),
    namespaces: names('Run only nodes within these namespaces.'),
    params: z.record(z.string(), z.unknown()).nullable().optional().meta({
      description: 'Extra parameters to pass to the context at runtime.',
    }),
    only_missing_outputs: z.boolean().default(false).meta({
      description:
        'Run only nodes with missing outputs. Skip nodes whose outputs already exist and are persisted.',
    }),
  })
  .meta({
    id: 'RunRequest',
    description:
      'What to run. Every field may be left out; a field that is not listed here is refused. The environment and the configuration source belong to the server, not to a run.',
  });

export type RunRequest = z.input<typeof RunRequest>;
