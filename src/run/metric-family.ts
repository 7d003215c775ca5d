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

/** One series of a counter. Who counts often holds it: finding it takes longer than counting. */
export interface CounterSeries {
  add(): void;
}

export interface Counter<Label extends string> extends MetricFamily {
  /** The series with these values. */
  of(values: LabelValues<Label>): CounterSeries;
}

export function createCounter<Label extends string>(
  definition: MetricDefinition<Label>,
): Counter<Label> {
  const series = new SeriesMap(definition.labels, () => new Count());
  return {
    of: (values) => series.of(values),
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

/** One series of a histogram. */
export interface HistogramSeries {
  observe(value: number): void;
}

export interface Histogram<Label extends string> extends MetricFamily {
  /** The series with these values. */
  of(values: LabelValues<Label>): HistogramSeries;
}

/** `buckets` are upper bounds, inclusive and ascending, without the infinite one. */
export function createHistogram<Label extends string>(
  definition: MetricDefinition<Label>,
  buckets: readonly number[],
): Histogram<Label> {
  const { name, labels } = definition;
  const series = new SeriesMap(labels, () => new Distribution(buckets));
  return {
    of: (values) => series.of(values),
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

class Count implements CounterSeries {
  count = 0;

  add(): void {
    this.count += 1;
  }
}

class Distribution implements HistogramSeries {
  readonly #buckets: readonly number[];
  readonly counts: number[];
  count = 0;
  sum = 0;

  constructor(buckets: readonly number[]) {
    this.#buckets = buckets;
    this.counts = buckets.map(() => 0);
  }

  observe(value: number): void {
    this.count += 1;
    this.sum += value;
    const at = this.#buckets.findIndex((bound) => value <= bound);
    if (at !== -1) this.counts[at] = (this.counts[at] ?? 0) + 1;
  }
}

class SeriesMap<Label extends string, T> {
  readonly #labels: readonly Label[];
  readonly #create: () => T;
  readonly #series = new Map<string, T>();

  constructor(labels: readonly Label[], create: () => T) {
    this.#labels = labels;
    this.#create = create;
  }

  of(values: LabelValues<Label>): T {
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
