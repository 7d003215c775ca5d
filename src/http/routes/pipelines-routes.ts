import * as z from 'zod';
import { PipelineDetail, PipelineList } from '../../contract/pipeline-resource.ts';
import { toPipelineDetail, toPipelineList } from '../../contract/to-pipeline.ts';
import type { ProjectSnapshot } from '../../executor/project-snapshot.ts';
import { describeProject } from '../check-order.ts';
import { jsonResponse } from '../json-response.ts';
import { suggestName } from '../../names/suggest-name.ts';
import { ProblemError } from '../problem-error.ts';
import type { ServerState } from '../server-state.ts';
import { type Call, createProblemRoute, problemBody } from './create-problem-route.ts';
import { defineRoute, jsonBody } from './create-typed-route.ts';
import { joinRoutes } from './join-routes.ts';
import { answerHeaders } from './run-parameters.ts';

const unusable = 'The project cannot be used, or the server is stopping.';

const listRoute = defineRoute({
  access: 'read',
  method: 'get',
  path: '/pipelines',
  operationId: 'list_pipelines',
  tags: ['pipelines'],
  summary: 'List pipelines',
  description: 'The registered pipelines of the project. Nothing is run.',
  responses: {
    200: { ...jsonBody('The pipelines.', PipelineList), headers: answerHeaders.requestId },
    503: problemBody(unusable),
  },
});

const showRoute = defineRoute({
  access: 'read',
  method: 'get',
  path: '/pipelines/{name}',
  operationId: 'show_pipeline',
  tags: ['pipelines'],
  summary: 'Show a pipeline',
  description:
    'A pipeline with its nodes, what goes between them, and what a run of it needs and gives. Nothing is run.',
  request: {
    params: z.object({
      name: z.string().meta({ description: 'The pipeline.', example: '__default__' }),
    }),
  },
  responses: {
    200: { ...jsonBody('The pipeline.', PipelineDetail), headers: answerHeaders.requestId },
    404: problemBody('There is no such pipeline.'),
    503: problemBody(unusable),
  },
});

/** What there is to be run. */
export function createPipelinesRoutes(state: ServerState) {
  async function describe(): Promise<ProjectSnapshot> {
    const described = await describeProject(state);
    if (described !== null) return described.snapshot;
    const message =
      'The configuration needs runtime parameters: GET /snapshot?params= describes the project with them.';
    throw new ProblemError('project-broken', message);
  }

  async function list({ basePath }: Call): Promise<Response> {
    const snapshot = await describe();
    return jsonResponse(JSON.stringify(toPipelineList(snapshot, `${basePath}/pipelines`)));
  }

  async function show(call: Call): Promise<Response> {
    const snapshot = await describe();
    const name = call.param('name');
    const pipeline = snapshot.pipelines.find((each) => each.name === name);
    if (pipeline !== undefined) {
      return jsonResponse(JSON.stringify(toPipelineDetail(snapshot, pipeline)));
    }
    const detail = `There is no pipeline '${name}'.${suggest(snapshot, name)}`;
    throw new ProblemError('pipeline-unknown', detail);
  }

  return joinRoutes(
    createProblemRoute(listRoute, state, list),
    createProblemRoute(showRoute, state, show),
  );
}

/** Looking for close names takes the product of lengths. */
const longestCompared = 100;

function suggest({ pipelines }: ProjectSnapshot, name: string): string {
  if (name.length > longestCompared) return '';
  return suggestName(
    name,
    pipelines.map((each) => each.name),
  );
}
