/** A metric with all of its series, as Prometheus reads it. */
export interface MetricFamily {
  /** Lines of Prometheus' text format 0.0.4, each with its line feed. */
  toText(): string;
}

export interface MetricDefinition<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
}

export type LabelValues<Label extends string> = Readonly<Record<Label, string>>;

/** Series of one metric; what comes beyond has `other` for each label. */
const maxSeries = 1000;

export interface Counter<Label extends string> extends MetricFamily {
  add(values: LabelValues<Label>): void;
}

export function createCounter<Label extends string>(
  definition: MetricDefinition<Label>,
): Counter<Label> {
  const series = new Series(definition.labels, () => ({ count: 0 }));
  return {
    add: (values) => {
      series.of(values).count += 1;
    },
    toText: () => {
      const lines = series.map((labels, { count }) => sample(definition.name, labels, count));
      return head(definition, 'counter') + lines.join('');
    },
  };
}

/** A figure without labels that is read when it is asked for. */
export function createReading(
  definition: Omit<MetricDefinition<string>, 'labels'>,
  type: 'gauge' | 'counter',
  read: () => number,
): MetricFamily {
  return { toText: () => head(definition, type) + sample(definition.name, '', read()) };
}

export interface Histogram<Label extends string> extends MetricFamily {
  observe(values: LabelValues<Label>, value: number): void;
}

/** `buckets` are upper bounds, inclusive and ascending, without the infinite one. */
export function createHistogram<Label extends string>(
  definition: MetricDefinition<Label>,
  buckets: readonly number[],
): Histogram<Label> {
  const { name, labels } = definition;
  const series = new Series(labels, () => ({ counts: buckets.map(() => 0), count: 0, sum: 0 }));
  return {
    observe: (values, value) => {
      const found = series.of(values);
      found.count += 1;
      found.sum += value;
      const at = buckets.findIndex((bound) => value <= bound);
      if (at !== -1) found.counts[at] = (found.counts[at] ?? 0) + 1;
    },
    toText: () => {
      const texts = series.map((text, { counts, count, sum }) => {
        const separator = text === '' ? '' : ',';
        let below = 0;
        const lines = buckets.map((bound, at) => {
          below += counts[at] ?? 0;
          return sample(`${name}_bucket`, `${text}${separator}le="${toNumber(bound)}"`, below);
        });
        return [
          ...lines,
          sample(`${name}_bucket`, `${text}${separator}le="+Inf"`, count),
          sample(`${name}_sum`, text, sum),
          sample(`${name}_count`, text, count),
        ].join('');
      });
      return head(definition, 'histogram') + texts.join('');
    },
  };
}

class Series<Label extends string, T> {
  readonly #labels: readonly Label[];
  readonly #create: () => T;
  readonly #series = new Map<string, T>();
  /** The same by the values alone: writing labels takes longer than counting. */
  readonly #byValues = new Map<string, T>();

  constructor(labels: readonly Label[], create: () => T) {
    this.#labels = labels;
    this.#create = create;
  }

  of(values: LabelValues<Label>): T {
    let key = '';
    for (const label of this.#labels) key += `${values[label].length} ${values[label]}`;
    const known = this.#byValues.get(key);
    if (known !== undefined) return known;
    const found = this.#find(values);
    if (this.#byValues.size < maxSeries) this.#byValues.set(key, found);
    return found;
  }

  #find(values: LabelValues<Label>): T {
    const text = this.#labels.map((label) => `${label}="${escapeValue(values[label])}"`).join(',');
    const found = this.#series.get(text);
    if (found !== undefined) return found;
    if (this.#series.size < maxSeries) return this.#add(text);
    const rest = this.#labels.map((label) => `${label}="other"`).join(',');
    return this.#series.get(rest) ?? this.#add(rest);
  }

  map<R>(change: (labels: string, series: T) => R): R[] {
    return Array.from(this.#series, ([labels, series]) => change(labels, series));
  }

  #add(text: string): T {
    const created = this.#create();
    this.#series.set(text, created);
    return created;
  }
}

function head({ name, help }: Pick<MetricDefinition<string>, 'name' | 'help'>, type: string) {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
}

function sample(name: string, labels: string, value: number): string {
  return `${name}${labels === '' ? '' : `{${labels}}`} ${toNumber(value)}\n`;
}

function escapeValue(value: string): string {
  return value
    .toWellFormed()
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n');
}

function toNumber(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}
