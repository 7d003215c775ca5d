import { type DeviatingCase, json, run, snapshot } from '../parity-case.ts';
import {
  type DeviatingProject,
  type Deviation,
  deviates,
  failure,
  snapshotFailure,
  succeeded,
} from './deviation.ts';
import { paramDeviations } from './param-deviations.ts';

const runnerRefused = failure(
  'ValueError',
  "Runner module 'os' is not allowed. Only 'kedro.runner', the project package, or modules listed in 'RUNNER_MODULE_ALLOWLIST' via settings.py are permitted.",
);

function raises(fault: string, type: string, message: string): readonly DeviatingCase[] {
  return [undefined, 'ThreadRunner'].map((runner) =>
    deviates(
      `${fault}${runner === undefined ? '' : ` under ${runner}`}`,
      run({ pipeline_names: ['faults'], params: { fault }, runner }),
      failure(type, message),
    ),
  );
}

function invalid(body: string, ...details: readonly string[]): DeviatingCase {
  return deviates(body, run(body), `422 {"detail":[${details.join(',')}]}`);
}

/** One item of a 422 body, its input as JSON text. */
function detail(
  type: string,
  loc: readonly (string | number)[],
  msg: string,
  input: string,
): string {
  return `{"type":"${type}","loc":${JSON.stringify(loc)},"msg":"${msg}","input":${input}}`;
}

const extra = 'Extra inputs are not permitted';
const notABoolean = 'Input should be a valid boolean';
const notAList = 'Input should be a valid list';
const notAnObject = 'Input should be a valid dictionary or object to extract fields from';
const half = String.raw`\ud800`;

function yaml(value: string, type: string, message: string): DeviatingCase {
  const place = '\n  in "<unicode string>", ';
  const text = message.replaceAll(' @ ', place);
  return deviates(value, snapshot(`params=place=${value}`), snapshotFailure(type, text));
}

/** A project whose registry is this text; its runs fail, and the failure names the exception. */
function brokenRegistry(
  text: string | null,
  type: string,
  message: string,
  more: readonly DeviatingCase[] = [],
): DeviatingProject {
  return {
    project: { base: 'plain', files: { 'src/plain/pipeline_registry.py': text } },
    cases: [
      deviates(`${type}: a run`, run({}), failure(type, message)),
      deviates(`${type}: a run again`, run({ pipeline_names: ['x'] }), failure(type, message)),
      ...more,
    ],
  };
}

const refused = JSON.stringify({ runner: 'os.system' });

export const deviations: readonly Deviation[] = [
  {
    when: 'A node raises what Python does not count as an `Exception`: `SystemExit`, `KeyboardInterrupt`, `GeneratorExit`, `asyncio.CancelledError`, a `BaseException` of its own',
    ours: "200, the run's failure, with the exception's type and text",
    reason: 'A run that ends has an answer with its run id; no node can end the server.',
    cases: [
      ...raises('exit', 'SystemExit', '3'),
      ...raises('exit text', 'SystemExit', 'told to go'),
      ...raises('exit plain', 'SystemExit', ''),
      ...raises('interrupt', 'KeyboardInterrupt', 'pressed'),
      ...raises('generator exit', 'GeneratorExit', 'closing'),
      ...raises('cancelled', 'CancelledError', 'gone'),
      ...raises('bare', 'BareError', 'of no Exception'),
    ],
  },
  {
    when: 'Half a surrogate pair (`"\\ud800"`) in a value or a name that the answer repeats, or in the text of an exception',
    ours: 'the same answer as for any other text, the half written as a JSON escape; in a `loc`, as replacement characters',
    reason: 'JSON can carry such text, and pydantic accepts it.',
    cases: [
      invalid(`{"x": "${half}"}`, detail('extra_forbidden', ['body', 'x'], extra, `"${half}"`)),
      invalid(
        `{"${half}": 1}`,
        detail('extra_forbidden', ['body', '\ufffd\ufffd\ufffd'], extra, '1'),
      ),
      invalid(`"${half}"`, detail('model_attributes_type', ['body'], notAnObject, `"${half}"`)),
      invalid(
        `{"is_async": "${half}"}`,
        detail(
          'bool_parsing',
          ['body', 'is_async'],
          `${notABoolean}, unable to interpret input`,
          `"${half}"`,
        ),
      ),
      deviates(
        'the name of a pipeline',
        run(`{"pipeline_names": ["${half}"]}`),
        failure(
          'ValueError',
          "Failed to find the pipeline named '\ud800'. It needs to be generated and returned by the 'register_pipelines' function. ",
        ),
      ),
      deviates(
        'the name of a dataset',
        run(`{"load_versions": {"${half}": "v"}}`),
        failure(
          'DatasetNotFoundError',
          "'load_versions' keys [\ud800] are not found in the catalog.",
        ),
      ),
      ...raises('surrogate', 'ValueError', 'half \ud800 of a pair'),
    ],
  },
  {
    when: '`NaN`, `Infinity` or a number that is too large for a double, where a 422 repeats the input',
    ours: '422 as for any other number, with `"input": null`',
    reason:
      'JSON has no such number; in `params`, which accept it, it reaches the node as it does in Kedro.',
    cases: [
      invalid('{"x": NaN}', detail('extra_forbidden', ['body', 'x'], extra, 'null')),
      invalid(
        '{"x": {"y": [1e400]}}',
        detail('extra_forbidden', ['body', 'x'], extra, '{"y":[null]}'),
      ),
      invalid(
        '{"is_async": -Infinity}',
        detail('bool_type', ['body', 'is_async'], notABoolean, 'null'),
      ),
      invalid('{"tags": 1e400}', detail('list_type', ['body', 'tags'], notAList, 'null')),
      invalid('Infinity', detail('model_attributes_type', ['body'], notAnObject, 'null')),
    ],
  },
  {
    when: 'A body of bytes that are no UTF-8, sent without a JSON content type',
    ours: '400 `{"detail": "There was an error parsing the body"}`',
    reason: 'It is what such bytes get when they are sent as JSON.',
    cases: ['text/plain', 'application/octet-stream', ''].map((type) =>
      deviates(
        `sent as "${type}"`,
        {
          method: 'POST',
          path: '/run',
          headers: type === '' ? {} : { 'content-type': type },
          body: Buffer.from([0x61, 0xff, 0xfe]),
        },
        '400 {"detail":"There was an error parsing the body"}',
      ),
    ),
  },
  {
    when: 'A value in `/snapshot?params=` that is no YAML',
    ours: "200, the snapshot's failure, with the YAML error's type and text",
    reason: 'It is the same kind of mistake as a value without a key, which gets a failure too.',
    cases: [
      yaml(
        '%25',
        'ScannerError',
        'while scanning a directive @ line 1, column 1\ncould not find expected directive name @ line 1, column 2',
      ),
      yaml(
        'a%00b',
        'ReaderError',
        'unacceptable character #x0000: control characters are not allowed @ position 1',
      ),
      yaml(
        '%22q',
        'ScannerError',
        'while scanning a quoted scalar @ line 1, column 1\nfound unexpected end of stream @ line 1, column 3',
      ),
      yaml(
        '[',
        'ParserError',
        'while parsing a flow node\ndid not find expected node content @ line 2, column 1',
      ),
      yaml(
        '!foo',
        'ConstructorError',
        "could not determine a constructor for the tag '!foo' @ line 1, column 1",
      ),
      yaml('*a', 'ComposerError', 'found undefined alias @ line 1, column 1'),
    ],
  },
  {
    when: 'The pipeline registry cannot be imported, or raises',
    ours: "200, the run's failure, with the exception's type and text, as the snapshot has it",
    reason: 'The one who starts a run has to learn why it cannot run.',
    projects: [
      brokenRegistry(
        'def register_pipelines(:\n',
        'SyntaxError',
        'invalid syntax (pipeline_registry.py, line 1)',
      ),
      brokenRegistry(
        'import no_such_module\n',
        'ModuleNotFoundError',
        "No module named 'no_such_module'",
      ),
      brokenRegistry(
        'def register_pipelines():\n    raise OSError(5, "broken")\n',
        'OSError',
        '[Errno 5] broken',
      ),
      brokenRegistry(null, 'ModuleNotFoundError', "No module named 'plain.pipeline_registry'"),
    ],
  },
  ...paramDeviations,
  {
    when: 'A text that looks like a secret, or a value of the credentials, in the message of an exception',
    ours: 'the message with `<redacted>` in its place, as both do for URLs',
    reason:
      'Answers are kept in logs and shown to people; [what is hidden](security.md#what-is-hidden).',
    cases: [
      deviates(
        'a name that looks like one',
        run({ pipeline_names: ['password=hunter2'] }),
        /'password=<redacted>'/,
        /'password=hunter2'/,
      ),
    ],
  },
  {
    when: 'A node reads an environment variable that is [none of the usual ones](security.md#the-environment-of-workers), and the configuration does not mention it',
    ours: 'as if it were not set, and the error of a run that needs it says how to pass it on (`--pass-env`)',
    reason: 'The environment of a server holds secrets of other programs.',
  },
  {
    when: 'A node changes the environment variables or the working directory of its process',
    ours: 'the next run does not see it',
    reason: 'A run is not to depend on what ran before it.',
    projects: [
      {
        project: { base: 'probe' },
        cases: [
          {
            name: 'a run that leaves traces, and one that looks for them',
            steps: [
              run({ pipeline_names: ['leave traces'] }),
              run({ pipeline_names: ['find traces'] }),
            ],
            theirs: failure('RuntimeError', 'another run left traces').replace(
              '<run 1>',
              '<run 2>',
            ),
            ours: succeeded.replace('<run 1>', '<run 2>'),
          },
        ],
      },
    ],
  },
  {
    when: 'A node ends its process',
    ours: "200, the run's failure, `WorkerCrashed`, with the exit code or the signal",
    reason: 'A run has a process of its own for its time; the server and the other runs go on.',
    projects: [
      {
        project: { base: 'probe' },
        cases: [
          deviates(
            'os._exit(7)',
            run({ pipeline_names: ['end'] }),
            /^200 .*"status":"failure".*"type":"WorkerCrashed".* exited with code 7\b/,
            'no answer',
          ),
        ],
      },
    ],
  },
  {
    when: "A node asks for what Python gives to a process's main thread only, such as signal handlers",
    ours: 'it works, as it does under `kedro run`',
    reason: 'A run has the main thread of its process; handlers are put back after it.',
    cases: [
      deviates(
        'a signal handler',
        run({ pipeline_names: ['signal'] }),
        succeeded,
        failure('ValueError', 'signal only works in main thread of the main interpreter'),
      ),
    ],
  },
  {
    when: 'A body of more than 1 MiB (the default of `maxBodyBytes`)',
    ours: '413 `{"detail": …}`, which names the limit',
    reason: 'A body is held in memory before it is read; the limit can be raised.',
    cases: [
      deviates(
        'a long text',
        run({ runner: 'os.system', params: { text: 'x'.repeat(1_100_000) } }),
        '413 {"detail":"The request body is larger than 1048576 bytes. Send less, or raise the limit: --max-body of kedro-server start, maxBodyBytes of createHttpServer()."}',
        runnerRefused,
      ),
    ],
  },
  {
    when: 'A body that has not come after 60 s (the default of `bodyTimeoutMs`)',
    ours: '408 `{"detail": …}`, which names the limit',
    reason: 'A client that sends slowly would hold its place for ever.',
  },
  {
    when: 'A list of more than 10,000 names, or a name or another text of more than 1,000 characters, outside of `params`',
    ours: "422 with pydantic's `too_long` or `string_too_long`, without the input",
    reason: 'Each name is looked for in the project, kept with the run, and shown again.',
    cases: [
      deviates(
        'a list',
        run({ node_names: Array.from({ length: 10_001 }, () => 'a') }),
        '422 {"detail":[{"type":"too_long","loc":["body","node_names"],"msg":"List should have at most 10000 items after validation, not 10001","input":null,"ctx":{"max_length":10000,"actual_length":10001}}]}',
        /^200 \{"status":"failure"/,
      ),
      deviates(
        'a name',
        run({ pipeline_names: ['a'.repeat(1001)] }),
        '422 {"detail":[{"type":"string_too_long","loc":["body","pipeline_names",0],"msg":"String should have at most 1000 characters","input":null,"ctx":{"max_length":1000}}]}',
        /^200 \{"status":"failure"/,
      ),
    ],
  },
  {
    when: 'A path with `.` or `..` as a segment',
    ours: 'what the path means once they are resolved',
    reason: "A request's URL is the one of the Fetch standard, which resolves them.",
    cases: ['/./health', '/nope/../health'].map((path) =>
      deviates(
        path,
        { method: 'GET', path },
        '200 {"status":"healthy","kedro_version":"1.7.0"}',
        '404 {"detail":"Not Found"}',
      ),
    ),
  },
  {
    when: "A request whose head is longer than the runtime's limit (16 KiB in Node)",
    ours: '431 from the runtime; `--max-http-header-size` raises it',
    reason: 'The limit of the runtime is kept.',
    cases: [
      deviates(
        'a long query',
        { method: 'GET', path: `/health?${'x'.repeat(20_000)}` },
        '431 ',
        '200 {"status":"healthy","kedro_version":"1.7.0"}',
      ),
    ],
  },
  {
    when: 'More than one `Content-Type` header',
    ours: '422, as for a body that is not sent as JSON',
    reason: 'Repeated headers are one list in the Fetch standard, and a list is no media type.',
    cases: [
      deviates(
        'JSON, then text',
        {
          method: 'POST',
          path: '/run',
          headers: { 'content-type': [json['content-type'], 'text/plain'] },
          body: refused,
        },
        `422 {"detail":[${detail('model_attributes_type', ['body'], notAnObject, JSON.stringify(refused))}]}`,
        runnerRefused,
      ),
    ],
  },
  {
    when: '`params` that are nested a hundred levels deep or more',
    ours: '200, a failure with `RecursionError`, whose text may be another',
    reason: 'Where the interpreter stops depends on what called it.',
    cases: [
      deviates(
        'lists in lists',
        run(`{"pipeline_names": ["echo"], "params": {"a": ${'['.repeat(300)}${']'.repeat(300)}}}`),
        /^200 .*"type":"RecursionError"/,
        /^200 .*"type":"RecursionError"/,
      ),
    ],
  },
  {
    when: 'A `filepath` or a `type` in the catalog that is neither text nor null',
    ours: 'in the snapshot, its JSON as text',
    reason: 'The API document says that both are texts.',
    cases: [
      {
        name: 'a list and a number',
        steps: [
          {
            edit: {
              'conf/base/catalog_odd.yml':
                'odd:\n  type: json.JSONDataset\n  filepath: [1, 2]\nodder:\n  type: 7\n',
            },
          },
          snapshot(),
        ],
        theirs: /^200 .*"filepath":\[1,2\].*"type":7/,
        ours: /^200 .*"filepath":"\[1,2\]".*"type":"7"/,
      },
    ],
  },
  {
    when: '`/redoc` and `/docs/oauth2-redirect`',
    ours: '404; the reference page is `/docs`, which needs nothing from the internet',
    reason: 'One reference page is enough, and the server asks for no OAuth.',
    cases: ['/redoc', '/docs/oauth2-redirect'].map((path) =>
      deviates(path, { method: 'GET', path }, '404 {"detail":"Not Found"}', /^200 /),
    ),
  },
  {
    when: "What a project's modules and hooks keep in memory from one run to the next",
    ours: 'each worker has its own, and a worker may be replaced between two runs',
    reason: 'Runs at the same time are in processes of their own.',
  },
  {
    when: 'Runs that start in the same millisecond',
    ours: 'every run has an id of its own',
    reason: 'A run is known by its id, and versioned datasets are saved under it.',
  },
  {
    when: 'A request that a browser sends for a page of another origin, if `--allowed-origins` does not have it',
    ours: '403 `{"detail": …}`, which says how to let the origin in',
    reason: 'A page that somebody opens is not to start runs on their machine.',
    cases: [
      deviates(
        'a form of a page on another port',
        { ...run({}), headers: { ...json, 'sec-fetch-site': 'same-site' } },
        /^403 \{"detail":"A page of another origin may not call this server\./,
        /^200 \{"status":"success"/,
      ),
      deviates(
        'a preflight',
        {
          method: 'OPTIONS',
          path: '/run',
          headers: { origin: 'http://example.org', 'access-control-request-method': 'POST' },
        },
        /^403 \{"detail":"A page of another origin \('http:\/\/example\.org'\) may not/,
        '405 {"detail":"Method Not Allowed"}',
      ),
    ],
  },
  {
    when: 'A `Host` that is no name of loopback, where the server listens on loopback and `--allowed-hosts` does not have it',
    ours: '421 `{"detail": …}`, which says how to let it be known by that name',
    reason: 'A page cannot reach the server by a name of its own that leads there.',
    cases: [
      deviates(
        'another name',
        { method: 'GET', path: '/health', headers: { host: 'example.org' } },
        /^421 \{"detail":"This server is not known as 'example\.org'\./,
        /^200 /,
      ),
    ],
  },
  {
    when: 'What is no HTTP/1.1 by the book: no `Host` or more than one, a method that nobody knows, a length that is no number',
    ours: '400 or a closed connection, from the runtime',
    reason: 'Each runtime brings its own HTTP parser.',
  },
];
