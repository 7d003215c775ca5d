/** What a page tries on a server of another origin. */
export interface PageAttempt {
  /** As a row of the table in `docs/security.md` has it. */
  readonly name: string;
  /** JavaScript of the page: an expression with the server's `url`, which settles once it is decided. */
  readonly script: string;
  /** What the page is told when its origin is let in, where that makes a difference. */
  readonly letIn?: string;
  /** What the page is told. */
  readonly told: string;
}

const fetched = (path: string, options = '{}'): string =>
  `fetch(url + '${path}', ${options}).then(({ type, status }) => type + ' ' + status, () => 'error')`;

const element = (tag: string, property: string, path: string): string => `new Promise((resolve) => {
  const made = document.createElement('${tag}');
  made.onload = made.onerror = ({ type }) => resolve(type);
  made.${property} = url + '${path}';
  document.body.append(made);
})`;

const events = `new Promise((resolve) => {
  const source = new EventSource(url + '/runs/none/events');
  source.onopen = source.onerror = () => { resolve('state ' + source.readyState); source.close(); };
})`;

const form = `(() => {
  document.body.innerHTML = '<form method="post" enctype="text/plain"><input name=\\'{"a":"\\' value=\\'"}\\'></form>';
  document.forms[0].action = url + '/run';
  setTimeout(() => document.forms[0].submit());
  return 'sent';
})()`;

const json = "{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }";

/** A row each of the table in `docs/security.md`, in which the answers are those to a page that is not let in. */
export const pageAttempts: readonly PageAttempt[] = [
  {
    name: "`fetch('/run', { method: 'POST' })` with JSON",
    script: fetched('/run', json),
    told: 'error',
    letIn: 'cors 200',
  },
  {
    name: "the same with `mode: 'no-cors'` and `text/plain`",
    script: fetched('/run', "{ method: 'POST', mode: 'no-cors', body: '{}' }"),
    told: 'opaque 0',
  },
  { name: 'a form that is posted', script: form, told: 'sent' },
  {
    name: "`fetch('/snapshot')`",
    script: fetched('/snapshot'),
    told: 'error',
    letIn: 'cors 200',
  },
  { name: '`EventSource`', script: events, told: 'state 2' },
  { name: 'an image', script: element('img', 'src', '/snapshot'), told: 'error' },
  { name: 'a script', script: element('script', 'src', '/snapshot'), told: 'error' },
  { name: 'a frame with `/docs`', script: element('iframe', 'src', '/docs'), told: 'load' },
];
