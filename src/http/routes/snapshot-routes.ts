import * as z from 'zod';
import { ErrorMessage } from '../../contract/error-message.ts';
import { SnapshotResponse } from '../../contract/snapshot-response.ts';
import { toSnapshotFailure, toSnapshotSuccess } from '../../contract/to-snapshot-response.ts';
import { HTTPValidationError } from '../../contract/validation-error.ts';
import type { ProjectSnapshot } from '../../executor/project-snapshot.ts';
import { includesTag } from '../entity-tag.ts';
import { methodNotAllowed, serverClosing } from '../http-error.ts';
import { jsonResponse } from '../json-response.ts';
import type { ServerState } from '../server-state.ts';
import { toErrorDetail } from '../to-error-detail.ts';
import { isExecutorClosed } from '../to-error-response.ts';
import { toHex } from '../../to-hex.ts';
import { createTypedRoute, defineRoute, jsonBody } from './create-typed-route.ts';

const snapshotRoute = defineRoute({
  access: 'read',
  method: 'get',
  path: '/snapshot',
  operationId: 'get_snapshot_snapshot_get',
  tags: ['inspection'],
  summary: 'Get Snapshot',
  description:
    'Describes the project as it is on disk, for the environment that the server was started with. Nothing is run. Send the `ETag` back as `If-None-Match` to get 304 while nothing has changed.',
  request: {
    query: z.object({
      params: z
        .string()
        .optional()
        .meta({
          type: ['string', 'null'],
          description:
            'Runtime parameters for this snapshot, in `kedro run --params` format (e.g. `version=02,model.lr=0.01`). Values must not contain commas.',
        }),
    }),
  },
  responses: {
    200: jsonBody('Successful Response', SnapshotResponse),
    304: { description: 'It has not changed.' },
    422: jsonBody('Validation Error', HTTPValidationError),
    503: jsonBody('The server is stopping.', ErrorMessage),
  },
});

interface RenderedSnapshot {
  readonly text: string;
  readonly etag: string;
  readonly init: ResponseInit;
}

export function createSnapshotRoutes({ executor, opening, metrics, hide, isClosing }: ServerState) {
  const rendered = new WeakMap<ProjectSnapshot, RenderedSnapshot>();

  async function answer(request: Request): Promise<Response> {
    if (isClosing()) throw serverClosing();
    let snapshot: ProjectSnapshot;
    try {
      if (opening.info === null) await opening.open();
      snapshot = await executor.snapshot({ params: readParams(request.url) });
    } catch (error) {
      if (isExecutorClosed(error)) throw error;
      return jsonResponse(JSON.stringify(toSnapshotFailure(toErrorDetail(error, hide))));
    }
    let known = rendered.get(snapshot);
    if (known === undefined) {
      known = await render(snapshot);
      rendered.set(snapshot, known);
    }
    const wanted = request.headers.get('if-none-match');
    return wanted !== null && includesTag(wanted, known.etag)
      ? new Response(null, {
          status: 304,
          headers: { etag: known.etag, 'cache-control': 'no-cache' },
        })
      : new Response(known.text, known.init);
  }

  const respond = (request: Request): Promise<Response> => {
    if (request.method === 'HEAD') throw methodNotAllowed('GET');
    return answer(request);
  };
  return createTypedRoute(snapshotRoute, respond, metrics);
}

/** The last `params` of the query; an empty text is none. */
function readParams(url: string): string | null {
  const start = url.indexOf('?');
  if (start === -1) return null;
  const params = new URLSearchParams(url.slice(start)).getAll('params').at(-1);
  return params === undefined || params === '' ? null : params;
}

async function render(snapshot: ProjectSnapshot): Promise<RenderedSnapshot> {
  const text = JSON.stringify(toSnapshotSuccess(snapshot));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  const etag = `"${toHex(new Uint8Array(digest, 0, 16))}"`;
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache', etag };
  return { text, etag, init: { status: 200, headers } };
}
