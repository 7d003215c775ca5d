import { type AnswerText, createAnswerText } from './answer-text.ts';
import type { ParityCase, RequestStep } from './parity-case.ts';
import {
  copyProject,
  type ProjectSource,
  readFiles,
  removeProject,
  restoreFolder,
  writeFiles,
} from './project-copy.ts';
import { type Answer, sendRequest } from './send-request.ts';
import type { ServerOptions, ServerProcess, StartServer } from './server-process.ts';

/** Stands for the answer of a server that closed the connection without one. */
const noAnswer = 'no answer';

export interface ServeOptions extends Omit<ServerOptions, 'projectPath' | 'confSource'> {
  readonly project: ProjectSource;
  /** Configuration folder in the project. */
  readonly confFolder?: string;
}

/** What a case brought, normalized. */
export interface CaseOutcome {
  /** Every answer, and the files in `data/` after it. */
  readonly text: string;
  /** Status and body of the last answer. */
  readonly last: string;
}

/** A server on a copy of a project. */
export interface ServedProject {
  play(parityCase: ParityCase): Promise<CaseOutcome>;
  fetch(path: string): Promise<Answer>;
  /** The paths of all files of the copy, without what Python compiles. */
  listFiles(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function serveProject(
  { project, confFolder, ...options }: ServeOptions,
  start: StartServer,
): Promise<ServedProject> {
  const projectPath = await copyProject(project);
  const confSource = confFolder === undefined ? {} : { confSource: `${projectPath}/${confFolder}` };
  let server: ServerProcess;
  try {
    server = await start({ ...options, ...confSource, projectPath });
  } catch (error) {
    await removeProject(projectPath);
    throw error;
  }
  const answerText = createAnswerText(server);
  return {
    play: (parityCase) => playCase(parityCase, project, server, answerText),
    fetch: (path) => sendRequest(server.url, { method: 'GET', path }),
    listFiles: async () => (await readFiles(projectPath, '.')).map(([path]) => path),
    close: async () => {
      await server.close();
      await removeProject(projectPath);
    },
  };
}

async function playCase(
  { steps }: ParityCase,
  project: ProjectSource,
  { url, projectPath }: ServerProcess,
  answerText: AnswerText,
): Promise<CaseOutcome> {
  answerText.startCase();
  const blocks: string[] = [];
  const touched = new Set<string>();
  let last = '';
  for (const step of steps) {
    if ('edit' in step) {
      for (const name of Object.keys(step.edit)) touched.add(name.split('/')[0] ?? '');
      await writeFiles(projectPath, step.edit, step.keepTimes);
      continue;
    }
    const requests = 'together' in step ? step.together : [step];
    const answers = await Promise.all(
      requests.map((request) => trySend(url, fillIn(request, answerText))),
    );
    for (const answer of answers) {
      last = answer === null ? noAnswer : answerText.writeShort(answer);
      const block = answer === null ? noAnswer : answerText.writeAnswer(answer);
      blocks.push('together' in step ? block.replace(/<run \d+>/, '<run>') : block);
    }
    if (requests.some(({ method }) => method === 'POST')) touched.add('data');
    blocks.push(answerText.writeFiles(await readFiles(projectPath, 'data')));
  }
  for (const folder of touched) await restoreFolder(projectPath, project, folder);
  return { text: blocks.join('\n'), last };
}

function fillIn(step: RequestStep, answerText: AnswerText): RequestStep {
  return typeof step.body === 'string' ? { ...step, body: answerText.fillIn(step.body) } : step;
}

async function trySend(url: string, step: RequestStep): Promise<Answer | null> {
  try {
    return await sendRequest(url, step);
  } catch {
    return null;
  }
}
