/** What a new project is called in each place. */
export interface ProjectNames {
  /** Of its folder and its package on npm: `my-project`. */
  readonly folder: string;
  /** For people: `My Project`. */
  readonly project: string;
  /** `my_project`. */
  readonly package: string;
}

/** The files of a new project, texts by path; `version` is that of kedro-server. */
export function createProjectFiles(
  names: ProjectNames,
  version: string,
): Readonly<Record<string, string>> {
  return {
    'package.json': `${JSON.stringify(createManifest(names, version), null, 2)}\n`,
    'tsconfig.json': tsconfig,
    '.gitignore': gitignore,
    'README.md': createReadme(names),
    'conf/base/catalog.yml': catalog,
    'conf/base/parameters.yml': parameters,
    'data/01_raw/orders.csv': orders,
    'src/settings.ts': settings,
    'src/pipeline_registry.ts': registry,
    'src/pipelines/sales/nodes.ts': nodes,
    'src/pipelines/sales/pipeline.ts': pipeline,
  };
}

function createManifest(names: ProjectNames, version: string) {
  return {
    name: names.folder,
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: { start: 'kedro-server start --reload', run: 'kedro-server run', check: 'tsc' },
    dependencies: { 'kedro-server': `^${version}` },
    devDependencies: { '@types/node': '^24.0.0', typescript: '^7.0.0' },
    engines: { node: '>=22.18' },
    kedro: { projectName: names.project, packageName: names.package },
  };
}

const tsconfig = `{
  "compilerOptions": {
    "target": "es2024",
    "lib": ["es2024", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    // Node.js runs TypeScript by leaving the types out.
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["src"]
}
`;

const gitignore = `node_modules/
.kedro-server/

# Credentials, and what is for one machine only.
conf/local/
conf/**/*credentials*

# What runs write.
data/*
!data/01_raw/
`;

function createReadme({ project }: ProjectNames): string {
  return `# ${project}

Pipelines in TypeScript, in the layout of a [Kedro](https://kedro.org) project.

\`\`\`sh
npm install
npx kedro-server run      # runs the pipelines; the report is data/08_reporting/report.md
npx kedro-server start    # serves them on http://127.0.0.1:8000, described at /docs
\`\`\`

Run it over HTTP, or with other parameters:

\`\`\`sh
curl http://127.0.0.1:8000/run -H 'content-type: application/json' \\
  -d '{"params": {"report": {"top": 2}}}'
npx kedro-server run --params report.top=2
\`\`\`

| Where                      | What                                                     |
| -------------------------- | -------------------------------------------------------- |
| \`conf/base/\`               | the catalog of datasets, and the parameters              |
| \`conf/local/\`              | the same for this machine only: credentials, other paths |
| \`data/\`                    | the data; the sample is in \`01_raw\`                      |
| \`src/pipelines/<name>/\`    | a pipeline: \`pipeline.ts\` exports \`createPipeline\`       |
| \`src/pipeline_registry.ts\` | which pipelines there are                                |
| \`src/settings.ts\`          | hooks, dataset types and runners of your own             |
`;
}

const catalog = `orders:
  type: csv.CSVDataset
  filepath: data/01_raw/orders.csv

totals:
  type: json.JSONDataset
  filepath: data/03_primary/totals.json

report:
  type: text.TextDataset
  filepath: data/08_reporting/report.md
`;

const parameters = `report:
  title: Best sellers
  top: 3
`;

const orders = `date,product,quantity,price
2026-01-05,tea,3,4.50
2026-01-05,coffee,1,7.20
2026-01-06,coffee,2,7.20
2026-01-06,cocoa,4,5.10
2026-01-07,tea,,4.50
2026-01-08,tea,5,4.50
2026-01-08,mate,1,9.90
`;

const settings = `import type { ProjectSettings } from 'kedro-server';

export const settings: ProjectSettings = {
  hooks: [],
  datasetTypes: {},
};
`;

const registry = `import { findPipelines } from 'kedro-server';

/** Every folder of src/pipelines, and their sum as \`__default__\`. */
export async function registerPipelines() {
  return await findPipelines(import.meta.url, { raiseErrors: true });
}
`;

const nodes = `export interface Order {
  readonly date: string;
  readonly product: string;
  readonly quantity: number | null;
  readonly price: number;
}

export type Totals = Readonly<Record<string, number>>;

export interface ReportOptions {
  readonly title: string;
  readonly top: number;
}

/** What each product has brought in; orders without a quantity do not count. */
export function sumByProduct(orders: readonly Order[]): Totals {
  const totals: Record<string, number> = {};
  for (const { product, quantity, price } of orders) {
    if (quantity !== null) totals[product] = (totals[product] ?? 0) + quantity * price;
  }
  return totals;
}

export function writeReport(totals: Totals, { title, top }: ReportOptions): string {
  const best = Object.entries(totals).toSorted(([, a], [, b]) => b - a);
  const lines = best.slice(0, top).map(([product, total]) => \`- \${product}: \${total.toFixed(2)}\`);
  return \`# \${title}\\n\\n\${lines.join('\\n')}\\n\`;
}
`;

const pipeline = `import { node, pipeline } from 'kedro-server';
import { sumByProduct, writeReport } from './nodes.ts';

export function createPipeline() {
  return pipeline([
    node(sumByProduct, 'orders', 'totals', { name: 'sum_by_product' }),
    node(writeReport, ['totals', 'params:report'], 'report', { name: 'write_report' }),
  ]);
}
`;
