import { describe, expect, inject, test } from 'vitest';

import { createKey } from '../../src/door/stored-key.ts';
import { addNodes } from '../kedro/extra-nodes.ts';
import { createTypescriptProject } from '../nodejs/typescript-project-folder.ts';
import { kedroPython } from '../python-env.ts';
import { startCallbackReceiver } from '../run/callback-receiver.ts';
import { startCli } from './cli-process.ts';
import { copyProject } from './kedro-project-copy.ts';
import { startTraceCollector } from './trace-collector.ts';

const canaries = {
  credential: `cred/+"nightingale'1`,
  variable: 'variable&robin=2 of many',
  url: 'url-password-wren-3',
  param: 'param-of-a-kingfisher-4',
  callback: `whsec_${Buffer.from('callback secret of a finch 5').toString('base64')}`,
};

/** As they may be written: as they are, quoted, in URLs, in Base64 wherever they begin. */
function formsOf(value: string): readonly string[] {
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]).toString('base64');
    return text.slice(4, -4);
  });
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), ...base64];
}

const environment = {
  CANARY_CREDENTIAL: canaries.credential,
  CANARY_API_KEY: canaries.variable,
  CANARY_PLACE: `postgres://me:${canaries.url}@127.0.0.1:9/db`,
};

const credentials = 'login:\n  pass: "${oc.env:CANARY_CREDENTIAL}"\n';
const catalog =
  '\nfar:\n  type: json.JSONDataset\n  filepath: https://me:url-password-wren-3@127.0.0.1:9/far.json\n';

const python = `
import base64, json, logging, os, sys, urllib.parse


def _all(api_key):
    names = ("CANARY_CREDENTIAL", "CANARY_API_KEY", "CANARY_PLACE")
    return {**{name: os.environ[name] for name in names}, "api_key": api_key}


def tell(numbers, api_key):
    for value in _all(api_key).values():
        print("plain", value)
        print("json", json.dumps({"x": value}), repr({"x": value}))
        print("url", urllib.parse.quote(value), urllib.parse.quote_plus(value))
        print("base64", base64.b64encode(b"me:" + value.encode()).decode(), file=sys.stderr)
        logging.getLogger(__name__).warning("logged %s", value)
        os.write(1, f"written {value}\\n".encode())


def fail(numbers, api_key):
    values = _all(api_key)
    try:
        raise ValueError(values["CANARY_CREDENTIAL"], values["CANARY_PLACE"])
    except ValueError as cause:
        raise RuntimeError(f"all of {values}") from cause


def die(numbers, api_key):
    os.write(2, f"last words {list(_all(api_key).values())}\\n".encode())
    os._exit(7)
`;

const typescript = `
import { logOf, node, pipeline } from 'kedro-server';

const all = (key: string) => [process.env.CANARY_CREDENTIAL, process.env.CANARY_API_KEY, process.env.CANARY_PLACE, key] as string[];

function tell(key: string, context: { signal: AbortSignal }) {
  const log = logOf(context);
  for (const value of all(key)) {
    log.print('plain ' + value);
    log.info(JSON.stringify({ x: value }));
    log.warning(encodeURIComponent(value));
    log.print(Buffer.from('me:' + value).toString('base64'));
  }
}

function fail(key: string) {
  throw new Error('all of ' + JSON.stringify(all(key)), { cause: new Error(all(key).join()) });
}

const read = (data: unknown) => data;
const one = (func: any, name: string, passContext = false) =>
  pipeline([node(func, ['params:api_key'], null, { name, passContext } as any)]);

export async function registerPipelines() {
  return {
    __default__: one(tell, 'tell', true),
    tell: one(tell, 'tell', true),
    fail: one(fail, 'fail'),
    far: pipeline([node(read, ['far'], null, { name: 'far' })]),
  };
}
`;

async function pythonProject() {
  const project = await copyProject('faults-kedro');
  await addNodes(project, python);
  await project.write('conf/local/credentials.yml', credentials);
  await project.write('conf/local/catalog.yml', catalog);
  await project.write('conf/local/parameters.yml', 'api_key: none\n');
  return { project, args: ['--python', await kedroPython('newest'), '--pass-env', '*'] };
}

async function typescriptProject() {
  const project = await createTypescriptProject({
    'conf/base/catalog.yml': catalog,
    'conf/base/credentials.yml': credentials,
    'conf/base/parameters.yml': 'api_key: none\n',
    'src/pipeline_registry.ts': typescript,
    'src/pipelines/scale/nodes.ts': null,
    'src/pipelines/scale/pipeline.ts': null,
    'src/pipelines/sum/index.ts': null,
  });
  return { project, args: [] };
}

describe.skipIf(inject('pythonMissing') !== null).each([
  { engine: 'Kedro', open: pythonProject, pipelines: ['tell', 'fail', 'die'] },
  { engine: 'TypeScript', open: typescriptProject, pipelines: ['tell', 'fail', 'far'] },
])('a server of a project in $engine', ({ open, pipelines }) => {
  test('lets no secret out', { timeout: 120_000 }, async () => {
    const { project, args } = await open();
    await using _ = project;
    await using collector = await startTraceCollector();
    const { key, stored } = await createKey({ name: 'canary', scopes: ['admin'] });
    const callbacks = await startCallbackReceiver((response) => response.end());
    const said: string[] = [];
    {
      await using server = startCli(
        ['start', '--port', '0', '--allow-private-callbacks', '--log-level', 'debug', ...args],
        {
          cwd: project.path,
          env: { ...environment, ...collector.env, KEDRO_SERVER_KEYS: JSON.stringify(stored) },
        },
      );
      const url = await server.url;
      const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
        const headers = { authorization: `Bearer ${key}`, ...init.headers };
        const response = await fetch(url + path, { ...init, headers });
        const body = await response.text();
        said.push(JSON.stringify([...response.headers]), body);
        return body;
      };
      const post = (path: string, body: object, headers = {}): Promise<string> =>
        ask(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body),
        });
      const params = { api_key: canaries.param };
      for (const name of pipelines) {
        await post('/run', { pipeline_names: [name], params });
        const submission = {
          pipeline_names: [name],
          params,
          callback: { url: callbacks.url, secret: canaries.callback },
        };
        const body = await post('/runs', submission, { prefer: 'wait=60' });
        const { id } = JSON.parse(body) as { id: string };
        expect(body).toContain('"api_key":"***"');
        for (const rest of ['', '/logs', '/events']) {
          await ask(`/runs/${id}${rest}`);
          await ask(`/runs/${id}${rest}`, { headers: { accept: 'application/json' } });
        }
      }
      for (const path of ['runs', 'snapshot', 'snapshot?params=a', 'pipelines', 'metrics']) {
        await ask(`/${path}`);
      }
      for (const path of ['health', 'readyz', 'openapi.json', 'nowhere']) await ask(`/${path}`);
      await callbacks.until(pipelines.length);
      server.kill('SIGTERM');
      const { stdout, stderr } = await server.ended;
      said.push(stdout, stderr);
    }
    said.push(JSON.stringify(callbacks.received), JSON.stringify(collector.spans));
    const all = said.join('\n');
    expect(all).toContain('all of ');
    expect(all).toContain('<redacted>');
    expect(collector.spans.length).toBeGreaterThan(pipelines.length);
    // One that is hidden in part still has its bird.
    expect(all).not.toMatch(/nightingale|robin|wren|kingfisher|finch/u);
    for (const [name, value] of Object.entries({ ...canaries, key })) {
      for (const form of formsOf(value)) {
        const at = all.indexOf(form);
        expect(at === -1 ? '' : `${name}: ${all.slice(Math.max(0, at - 200), at + 60)}`).toBe('');
      }
    }
  });
});
