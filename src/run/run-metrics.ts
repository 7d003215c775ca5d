import {
  createCounter,
  createReading,
  createHistogram,
  type MetricFamily,
} from './metric-family.ts';
import type { FinalStatus } from './run-record.ts';
import type { RunObserver, Runs } from './runs.ts';

export interface RunMetricsOptions {
  /** Whose queue is told of. */
  readonly runs: Pick<Runs, 'load' | 'capacity'>;
  /** Whether the project has a pipeline; runs of others are counted as `other`. */
  readonly isKnownPipeline: (name: string) => boolean;
}

/** Counts a request that has been answered. */
export type ObserveRequest = (method: string, status: number, durationMs: number) => void;

/** What is counted from the start of this process on. */
export interface RunMetrics {
  /** Takes an entry of a run's log. */
  readonly observe: RunObserver;
  /**
   * Counts the requests of one route, once for its life: `route` is its template, such as
   * `/runs/{id}`, or `other` for what no route takes.
   */
  countRoute(route: string): ObserveRequest;
  /** Adds a metric of another room. */
  add(family: MetricFamily): void;
  /** Prometheus' text format. */
  readonly contentType: string;
  toText(): string;
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const requestSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const runSeconds = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600,
];
const waitSeconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 900, 3600];

/** Finds each series once; later it is one look into a map. */
function remember<Key, Series>(find: (key: Key) => Series): (key: Key) => Series {
  const found = new Map<Key, Series>();
  return (key) => {
    let series = found.get(key);
    if (series === undefined) {
      series = find(key);
      found.set(key, series);
    }
    return series;
  };
}

/** Creates the metrics of one server. Their labels are bounded, whatever callers send. */
export function createRunMetrics({ runs, isKnownPipeline }: RunMetricsOptions): RunMetrics {
  const acceptedRuns = createCounter({
    name: 'kedro_server_runs_accepted_total',
    help: 'Runs that have been accepted.',
    labels: ['pipeline'],
  });
  const endedRuns = createCounter({
    name: 'kedro_server_runs_total',
    help: 'Runs that have ended, by how.',
    labels: ['pipeline', 'status'],
  });
  const runDurations = createHistogram(
    {
      name: 'kedro_server_run_duration_seconds',
      help: 'How long pipelines ran.',
      labels: ['pipeline'],
    },
    runSeconds,
  );
  const queueWaits = createHistogram(
    {
      name: 'kedro_server_run_queue_wait_seconds',
      help: 'How long runs waited for their turn.',
      labels: [],
    },
    waitSeconds,
  );
  const nodes = createCounter({
    name: 'kedro_server_nodes_total',
    help: 'Nodes that have been executed.',
    labels: ['status'],
  });
  const requests = createCounter({
    name: 'kedro_server_http_requests_total',
    help: 'Requests that have been answered.',
    labels: ['method', 'route', 'status'],
  });
  const requestDurations = createHistogram(
    {
      name: 'kedro_server_http_request_duration_seconds',
      help: 'How long it took until an answer began.',
      labels: ['method', 'route'],
    },
    requestSeconds,
  );
  const gauge = (name: string, help: string, read: () => number): MetricFamily =>
    createReading({ name: `kedro_server_${name}`, help }, 'gauge', read);
  const families: MetricFamily[] = [
    gauge('runs_running', 'Runs that are being executed.', () => runs.load.running),
    gauge('runs_waiting', 'Runs that wait for their turn.', () => runs.load.waiting),
    gauge('runs_waiting_max', 'Runs that may wait.', () => runs.load.maxWaiting),
    gauge('runs_capacity', 'Runs that can be executed at once.', () => runs.capacity),
    acceptedRuns,
    endedRuns,
    runDurations,
    queueWaits,
    nodes,
    requests,
    requestDurations,
  ];
  const seriesOf = remember((pipeline: string) => ({
    accepted: acceptedRuns.of({ pipeline }),
    durations: runDurations.of({ pipeline }),
    ended: remember((status: FinalStatus) => endedRuns.of({ pipeline, status })),
  }));
  const waits = queueWaits.of({});
  const finishedNodes = nodes.of({ status: 'finished' });
  const failedNodes = nodes.of({ status: 'failed' });
  /** When runs that wait were accepted. */
  const acceptedAt = new Map<string, number>();

  function toPipeline(names: readonly string[] | null): string {
    const [name = '__default__', ...more] = new Set(names);
    if (more.length > 0) return 'several';
    return name === '__default__' || isKnownPipeline(name) ? name : 'other';
  }

  return {
    observe: (id, { pipelineNames }, event) => {
      switch (event.type) {
        case 'run.queued':
          acceptedAt.set(id, performance.now());
          seriesOf(toPipeline(pipelineNames)).accepted.add();
          break;
        case 'run.started': {
          const since = acceptedAt.get(id);
          // What an earlier process has accepted, this one cannot time.
          if (since !== undefined) waits.observe((performance.now() - since) / 1000);
          acceptedAt.delete(id);
          break;
        }
        case 'node.finished':
          finishedNodes.add();
          break;
        case 'node.failed':
          failedNodes.add();
          break;
        case 'run.ended': {
          acceptedAt.delete(id);
          const { ended, durations } = seriesOf(toPipeline(pipelineNames));
          ended(event.status).add();
          // A run that has never begun took no time.
          if (event.durationMs > 0) durations.observe(event.durationMs / 1000);
          break;
        }
        case 'run.planned':
        case 'run.cancelling':
        case 'node.started':
        case 'dataset.loaded':
        case 'dataset.saved':
        case 'output.ready':
        case 'output.failed':
        case 'log':
          break;
      }
    },
    countRoute: (route) => {
      const seriesOfMethod = remember((method: string) => ({
        durations: requestDurations.of({ method, route }),
        answers: remember((status: number) =>
          requests.of({ method, route, status: String(status) }),
        ),
      }));
      return (method, status, durationMs) => {
        const { durations, answers } = seriesOfMethod(methods.has(method) ? method : 'other');
        answers(status).add();
        durations.observe(durationMs / 1000);
      };
    },
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    add: (family) => void families.push(family),
    toText: () => families.map((family) => family.toText()).join(''),
  };
}
