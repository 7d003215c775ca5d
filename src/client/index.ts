export { createClient } from './create-client.ts';
export type {
  Client,
  ClientOptions,
  RunLogLine,
  RunOptions,
  RunResult,
  SubmitOptions,
} from './create-client.ts';
export type { FollowOptions } from './follow-run.ts';
export type { ListQuery } from './list-query.ts';
export { ProblemError } from './problem-error.ts';
export { RunFailed } from './run-failed.ts';
export { ServerUnreachable } from './server-unreachable.ts';

export type { Problem, ProblemItem } from '../contract/problem.ts';
export type { RunEvent } from '../contract/run-event-resource.ts';
export type { Run, RunList } from '../contract/run-resource.ts';
export type { RetryRequest, RunSubmissionRequest } from '../contract/run-submission-request.ts';
