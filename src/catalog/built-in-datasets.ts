import { createApiDataset } from './api-dataset.ts';
import { createArrowDataset, createFeatherDataset } from './arrow-dataset.ts';
import { createCachedDataset } from './cached-dataset.ts';
import { parseCopyMode } from './copy-data.ts';
import { createCsvDataset } from './csv-dataset.ts';
import type { Dataset, DatasetContext, DatasetOptions } from './dataset.ts';
import { placeOf, readOptions } from './dataset-options.ts';
import { createExcelDataset } from './excel-dataset.ts';
import { createJsonDataset } from './json-dataset.ts';
import { MemoryDataset } from './memory-dataset.ts';
import { createParquetDataset } from './parquet-dataset.ts';
import { createPartitionedDataset } from './partitioned-dataset.ts';
import { createTextDataset } from './text-dataset.ts';
import { createYamlDataset } from './yaml-dataset.ts';

type CreateDataset = (options: DatasetOptions, context: DatasetContext) => Dataset;

function createMemoryDataset(options: DatasetOptions, context: DatasetContext): Dataset {
  const reader = readOptions(options, placeOf(context), ['data', 'copy_mode']);
  const settings = {
    copyMode: parseCopyMode(reader.raw('copy_mode')),
    metadata: context.metadata,
  };
  return Object.hasOwn(options, 'data')
    ? new MemoryDataset(options['data'], settings)
    : MemoryDataset.empty(settings);
}

/** Dataset types that every catalog has, by the names that Kedro gives them. */
export const builtInDatasets: Readonly<Record<string, CreateDataset>> = {
  MemoryDataset: createMemoryDataset,
  CachedDataset: createCachedDataset,
  'json.JSONDataset': createJsonDataset,
  'yaml.YAMLDataset': createYamlDataset,
  'text.TextDataset': createTextDataset,
  'csv.CSVDataset': createCsvDataset,
  'pandas.CSVDataset': createCsvDataset,
  'parquet.ParquetDataset': createParquetDataset,
  'pandas.ParquetDataset': createParquetDataset,
  'arrow.ArrowDataset': createArrowDataset,
  'pandas.FeatherDataset': createFeatherDataset,
  'excel.ExcelDataset': createExcelDataset,
  'pandas.ExcelDataset': createExcelDataset,
  'api.APIDataset': createApiDataset,
  'partitions.PartitionedDataset': createPartitionedDataset,
};
