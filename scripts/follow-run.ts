import type { RunEvent } from '../src/contract/run-event-resource.ts';
import type { Run } from '../src/contract/run-resource.ts';

/** Submits a run. Throws an `Error` with the answer when it is refused. */
export async function submitRun(url: string, submission: object): Promise<Run> {
  const response = await fetch(`${url}/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(submission),
  });
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Run;
}

/** What happens in the run, as it happens, until it is over. */
export async function* followRun(url: string, run: Run): AsyncGenerator<RunEvent> {
  const response = await fetch(`${url}${run.links.events}`, {
    headers: { accept: 'text/event-stream' },
  });
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (text + chunk).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data: {')) yield JSON.parse(line.slice('data: '.length)) as RunEvent;
    }
  }
}

/** The run as it is now. */
export async function readRun(url: string, run: Run): Promise<Run> {
  return (await (await fetch(`${url}${run.links.self}`)).json()) as Run;
}

/** The data of one of the outputs that the submission named. */
export async function readOutput(url: string, run: Run, name: string): Promise<unknown> {
  return await (await fetch(`${url}${run.links.outputs[name] ?? ''}`)).json();
}
