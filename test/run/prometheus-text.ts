/** A sample of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ExposedMetrics {
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
}

const label = /(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gu;

/**
 * Reads the text format 0.0.4 as its specification has it, and throws for what is not of it:
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function readPrometheusText(text: string): ExposedMetrics {
  if (!text.endsWith('\n')) throw new Error('The last line has no line feed.');
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.slice(0, -1).split('\n')) {
    const type = /^# TYPE (?<name>\S+) (?<type>counter|gauge|histogram)$/u.exec(line)?.groups;
    if (type !== undefined) {
      if (types.has(type['name'] ?? '')) throw new Error(`There are two of ${type['name']}.`);
      types.set(type['name'] ?? '', type['type'] ?? '');
    } else if (!/^# HELP [a-zA-Z_]+ (?:[^\\]|\\[\\n])+$/u.test(line)) {
      samples.push(readSample(line));
    }
  }
  return { types, samples };
}

function readSample(line: string): Sample {
  const parts = /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/su.exec(
    line,
  )?.groups;
  if (parts === undefined) throw new Error(`This is no sample: ${line}`);
  const { name = '', labels = '', value = '' } = parts;
  const found = [...labels.matchAll(label)];
  if (found.map(([all]) => all).join('') !== labels) throw new Error(`Wrong labels: ${line}`);
  const pairs = found.map(({ groups }) => [
    groups?.['name'],
    groups?.['value']?.replace(/\\(?<escaped>.)/gu, (_, escaped) =>
      escaped === 'n' ? '\n' : String(escaped),
    ),
  ]);
  const number = value === '+Inf' ? Infinity : Number(value);
  return { name, labels: Object.fromEntries(pairs) as Sample['labels'], value: number };
}
