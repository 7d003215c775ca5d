import { beforeAll, describe, expect, test } from 'vitest';
import type { Principal, Scope } from '../../src/door/principal.ts';
import { createKey, type StoredKey } from '../../src/door/stored-key.ts';
import { createShopServer, problemOf, type ShopServer } from './shop-server.ts';

/** What a route asks for; one on a run is for whose it is, and for `admin`. */
interface Rule {
  readonly scope: Scope | null;
  readonly isOfRun: boolean;
}

function rule(scope: Scope | null, isOfRun = false): Rule {
  return { scope, isOfRun };
}

/** Every route of the OpenAPI document, by its operation. A new one has to be put here. */
const rules: Readonly<Record<string, Rule>> = {
  health_health_get: rule(null),
  check_alive: rule(null),
  check_ready: rule(null),
  get_snapshot_snapshot_get: rule('read'),
  list_pipelines: rule('read'),
  show_pipeline: rule('read'),
  read_metrics: rule('read'),
  list_runs: rule('read'),
  run_pipeline_run_post: rule('run'),
  submit_run: rule('run'),
  show_run: rule('read', true),
  follow_run: rule('read', true),
  read_run_logs: rule('read', true),
  read_run_output: rule('read', true),
  create_run_token: rule('read', true),
  cancel_run: rule('cancel', true),
  retry_run: rule('run', true),
};

interface Operation {
  readonly operationId: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly securitySchemes?: Readonly<Record<string, unknown>> };
}

/** Who calls, and how that is told. */
interface Caller {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: not known. */
  readonly scopes: readonly Scope[] | null;
  /** Whether the run is theirs. */
  readonly isOwner: boolean;
  /** Whether the token is for one run: that one, or another. */
  readonly onlyRun?: 'this' | 'another';
}

const stored: StoredKey[] = [];
let shop: ShopServer;
let document: OpenApi;
let run: string;
const callers: Caller[] = [];

async function addKey(name: string, ...scopes: Scope[]): Promise<Record<string, string>> {
  const { key, stored: line } = await createKey({ name, scopes });
  stored.push(line);
  return { authorization: `Bearer ${key}` };
}

/** What a caller sees of a route: let in, or why not. */
type Outcome = 'in' | 'unauthenticated' | 'forbidden' | 'run-unknown';

function expected({ scopes, isOwner, onlyRun }: Caller, { scope, isOfRun }: Rule): Outcome {
  if (scope === null) return 'in';
  if (scopes === null) return 'unauthenticated';
  if (onlyRun !== undefined) {
    if (!isOfRun || scope !== 'read') return 'forbidden';
    return onlyRun === 'this' ? 'in' : 'run-unknown';
  }
  if (scopes.includes('admin')) return 'in';
  if (!scopes.includes(scope)) return 'forbidden';
  return isOfRun && !isOwner ? 'run-unknown' : 'in';
}

async function outcomeOf(method: string, path: string, { headers }: Caller): Promise<Outcome> {
  const target = path.replace('{id}', run).replace('/pipelines/{name}', '/pipelines/__default__');
  const isPost = method === 'post';
  const response = await shop.app.request(target.replace('{name}', 'sums'), {
    method: method.toUpperCase(),
    headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
    body: isPost ? '{}' : null,
  });
  const { status } = response;
  const text = await response.text();
  if (status === 401) {
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="kedro-server"/);
    return 'unauthenticated';
  }
  if (status === 403) return 'forbidden';
  if (status === 404 && text.includes('"code":"run-unknown"')) return 'run-unknown';
  expect([target, status, text]).toEqual([target, expect.toBeOneOf([200, 201, 202, 409]), text]);
  return 'in';
}

beforeAll(async () => {
  const owner = await addKey('alice', 'read', 'run', 'cancel');
  const known = { isOwner: true } as const;
  callers.push(
    { name: 'nobody', headers: {}, scopes: null, isOwner: false },
    ...['kds_0', `kds_${'0'.repeat(64)}`, 'x', 'a.b.c', ''].map((token) => ({
      name: `the token '${token}'`,
      headers: { authorization: `Bearer ${token}` },
      scopes: null,
      isOwner: false,
    })),
    {
      name: 'another scheme',
      headers: { authorization: 'Basic YTpi' },
      scopes: null,
      isOwner: false,
    },
    { name: 'the owner', headers: owner, scopes: ['read', 'run', 'cancel'], ...known },
    { name: 'a reader', headers: await addKey('alice', 'read'), scopes: ['read'], ...known },
    { name: 'a runner', headers: await addKey('alice', 'run'), scopes: ['run'], ...known },
    { name: 'a canceller', headers: await addKey('alice', 'cancel'), scopes: ['cancel'], ...known },
    {
      name: 'another principal',
      headers: await addKey('bob', 'read', 'run', 'cancel'),
      scopes: ['read', 'run', 'cancel'],
      isOwner: false,
    },
    { name: 'an admin', headers: await addKey('root', 'admin'), scopes: ['admin'], isOwner: false },
  );
  const guest: Principal = { id: 'guest', scopes: ['read', 'cancel'] };
  shop = createShopServer({
    auth: {
      keys: stored,
      authenticate: ({ headers }) => (headers.get('x-guest') === 'yes' ? guest : null),
    },
  });
  callers.push({
    name: 'whom the embedder knows',
    headers: { 'x-guest': 'yes' },
    scopes: guest.scopes,
    isOwner: false,
  });
  const submit = async (): Promise<string> => {
    const headers = { ...owner, prefer: 'wait=30' };
    return (await shop.runOf(shop.post('/runs', { outputs: ['sums'] }, headers))).id;
  };
  run = await submit();
  const other = await submit();
  for (const [id, onlyRun] of [
    [run, 'this'],
    [other, 'another'],
  ] as const) {
    const made = await shop.post(`/runs/${id}/token`, undefined, owner);
    const { token } = (await made.json()) as { token: string };
    const shared = { scopes: [], isOwner: true, onlyRun };
    callers.push(
      {
        name: `a token for ${onlyRun} run`,
        headers: { authorization: `Bearer ${token}` },
        ...shared,
      },
      { name: `a cookie for ${onlyRun} run`, headers: { cookie: `kedro_run=${token}` }, ...shared },
    );
  }
  document = (await (await shop.app.request('/openapi.json')).json()) as OpenApi;
});

test('every route of the document has a rule, and every rule a route', () => {
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(
    Object.keys(rules).toSorted(),
  );
});

test('every caller × every route', async () => {
  expect(callers).toHaveLength(18);
  const wrong: unknown[] = [];
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { operationId }] of Object.entries(methods)) {
      const { [operationId]: found } = rules;
      for (const caller of callers) {
        const seen = await outcomeOf(method, path, caller);
        const wanted = found === undefined ? 'a rule' : expected(caller, found);
        if (seen !== wanted) wrong.push([caller.name, method, path, { seen, wanted }]);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('the document says what each route asks for', () => {
  expect(Object.keys(document.components.securitySchemes ?? {})).toEqual(['bearer', 'runCookie']);
  for (const [path, methods] of Object.entries(document.paths)) {
    const refusal = path === '/run' || path === '/snapshot' ? 'json' : 'problem+json';
    for (const { operationId, security, responses } of Object.values(methods)) {
      const { scope, isOfRun } = rules[operationId] ?? rule(null);
      const bearer = { bearer: [scope] };
      const cookie = isOfRun && scope === 'read' ? [{ runCookie: [] }] : [];
      const wanted = scope === null ? [] : [bearer, ...cookie];
      expect([operationId, security]).toEqual([operationId, wanted]);
      for (const status of scope === null ? [] : [401, 403, 429]) {
        const types = Object.keys(responses[status]?.content ?? {});
        expect([operationId, types]).toEqual([operationId, [`application/${refusal}`]]);
      }
    }
  }
});

test('without auth the document says nothing of it, and a run has no token', async () => {
  const open = createShopServer();
  const text = await (await open.app.request('/openapi.json')).text();
  expect(text).not.toMatch(/"security|securitySchemes/);
  const { id } = await open.runToEnd();
  expect(await problemOf(open.post(`/runs/${id}/token`))).toMatchObject({
    code: 'not-found',
    detail: 'This server asks nobody who calls: follow the run without a token.',
  });
});

describe('runs of others', () => {
  const headersOf = (name: string) => callers.find((each) => each.name === name)?.headers ?? {};

  test('are not told from runs that are not there', async () => {
    const headers = headersOf('another principal');
    const missing = run.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const [theirs, nobodys] = await Promise.all(
      [run, missing].map(async (id) => problemOf(shop.app.request(`/runs/${id}`, { headers }))),
    );
    const anonymous = { run_id: null, trace_id: null };
    expect({ ...theirs, ...anonymous, detail: theirs?.detail.replace(run, missing) }).toEqual({
      ...nobodys,
      ...anonymous,
    });
  });

  test('are not told by another name of theirs', async () => {
    const shown = await shop.app.request(`/runs/${run}`, { headers: headersOf('the owner') });
    const { save_version: version } = (await shown.json()) as { save_version: string };
    const found = await shop.app.request(`/runs/${version}`, { headers: headersOf('the owner') });
    expect(found.status).toBe(200);
    for (const name of ['another principal', 'a token for another run']) {
      const theirs = await shop.app.request(`/runs/${version}`, { headers: headersOf(name) });
      expect(theirs.status).toBe(404);
      expect(await theirs.text()).not.toContain(run);
    }
  });

  test('are not in the list, nor are they counted in its pages', async () => {
    const list = async (name: string, query = ''): Promise<{ data: { id: string }[] }> => {
      const response = await shop.app.request(`/runs?${query}`, { headers: headersOf(name) });
      return (await response.json()) as { data: { id: string }[] };
    };
    await shop.post('/runs', {}, { ...headersOf('another principal'), prefer: 'wait=30' });
    const own = await list('the owner', 'limit=200');
    const others = await list('another principal', 'limit=200');
    const all = await list('an admin', 'limit=200');
    expect(own.data.map(({ id }) => id)).toContain(run);
    expect(others.data.map(({ id }) => id)).not.toContain(run);
    expect(own.data.length + others.data.length).toBeLessThanOrEqual(all.data.length);
    expect((await list('another principal', 'limit=1')).data).toHaveLength(1);
    expect((await list('whom the embedder knows')).data).toEqual([]);
  });

  test('have idempotency keys of their own', async () => {
    const submit = async (name: string): Promise<Response> =>
      shop.post('/runs', {}, { ...headersOf(name), 'idempotency-key': 'k1' });
    const first = await shop.runOf(submit('the owner'));
    expect((await shop.runOf(submit('the owner'))).id).toBe(first.id);
    expect((await shop.runOf(submit('another principal'))).id).not.toBe(first.id);
  });

  test('are not ended, and not told of, by a concurrency key', async () => {
    const held = {
      pipeline_names: ['gated'],
      concurrency: { key: 'k', on_conflict: 'cancel_running' },
    };
    const first = await shop.runOf(shop.post('/runs', held, headersOf('the owner')));
    const other = await shop.runOf(shop.post('/runs', held, headersOf('another principal')));
    const headers = headersOf('an admin');
    const shown = async (id: string) => shop.runOf(shop.app.request(`/runs/${id}`, { headers }));
    expect(['queued', 'running']).toContain((await shown(first.id)).status);
    const refused = { ...held, concurrency: { key: 'k', on_conflict: 'reject' } };
    const problem = await problemOf(shop.post('/runs', refused, headersOf('another principal')));
    expect(problem).toMatchObject({ code: 'concurrency-conflict', run_ids: [other.id] });
    for (const { id } of [first, other]) await shop.post(`/runs/${id}/cancel`, undefined, headers);
  });
});
