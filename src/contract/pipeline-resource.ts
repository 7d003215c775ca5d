import * as z from 'zod';

export const PipelineSummary = z
  .object({
    name: z.string(),
    nodes: z.int().min(0).meta({ description: 'How many nodes it has.' }),
    inputs: z.array(z.string()).meta({ description: 'Datasets that it needs, sorted.' }),
    outputs: z.array(z.string()).meta({ description: 'Datasets that only it makes, sorted.' }),
    parameters: z.array(z.string()).meta({ description: 'Parameters that it reads, sorted.' }),
    tags: z.array(z.string()).meta({ description: 'Tags of its nodes, sorted.' }),
    link: z.string().meta({ description: 'Path of its description.' }),
  })
  .meta({
    id: 'PipelineSummary',
    description: 'A registered pipeline.',
    examples: [
      {
        name: '__default__',
        nodes: 2,
        inputs: ['numbers'],
        outputs: ['total'],
        parameters: ['params:factor'],
        tags: [],
        link: '/pipelines/__default__',
      },
    ],
  });

export const PipelineList = z
  .object({ data: z.array(PipelineSummary).meta({ description: 'In the order of the registry.' }) })
  .meta({ id: 'PipelineList', description: 'The pipelines of the project.' });

export type PipelineList = z.infer<typeof PipelineList>;

const PipelineNode = z
  .object({
    name: z.string(),
    func_name: z.string(),
    namespace: z.string().nullable(),
    tags: z.array(z.string()),
    inputs: z.array(z.string()),
    outputs: z.array(z.string()),
  })
  .meta({ id: 'PipelineNode', description: 'A node of a pipeline.' });

const PipelineEdge = z
  .object({
    from: z.string().meta({ description: 'The node that makes the dataset.' }),
    to: z.string().meta({ description: 'A node that reads it.' }),
    dataset: z.string(),
  })
  .meta({ id: 'PipelineEdge', description: 'Data that goes from one node to another.' });

const PipelineDataset = z
  .object({
    name: z.string(),
    type: z.string().nullable().meta({
      description: 'The class that the catalog names; null for data in memory.',
    }),
    json_schema: z.record(z.string(), z.unknown()).nullable().meta({
      description: 'What JSON stands for its data; null where that is not known.',
    }),
  })
  .meta({ id: 'PipelineDataset', description: 'A dataset that a pipeline needs or makes.' });

export const PipelineDetail = z
  .object({
    name: z.string(),
    nodes: z.array(PipelineNode).meta({ description: 'In the order in which they run.' }),
    edges: z.array(PipelineEdge),
    inputs: z.array(PipelineDataset).meta({ description: 'What it needs and does not make.' }),
    outputs: z.array(PipelineDataset).meta({ description: 'What it makes and does not read.' }),
    parameters: z.array(PipelineDataset).meta({ description: 'What it reads of `params`.' }),
  })
  .meta({
    id: 'PipelineDetail',
    description: 'A registered pipeline with its nodes and what goes between them.',
    examples: [
      {
        name: '__default__',
        nodes: [
          {
            name: 'total',
            func_name: 'total',
            namespace: null,
            tags: [],
            inputs: ['numbers'],
            outputs: ['total'],
          },
        ],
        edges: [],
        inputs: [{ name: 'numbers', type: 'json.JSONDataset', json_schema: null }],
        outputs: [{ name: 'total', type: null, json_schema: null }],
        parameters: [],
      },
    ],
  });

export type PipelineDetail = z.infer<typeof PipelineDetail>;
