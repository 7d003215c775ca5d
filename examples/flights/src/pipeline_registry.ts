import { createPipeline as createModel } from './pipelines/model/pipeline.ts';
import { createPipeline as createPrepare } from './pipelines/prepare/pipeline.ts';
import { createPipeline as createReport } from './pipelines/report/pipeline.ts';

/** `__default__` does everything; `clock` is enough for flights that name no airports. */
export function registerPipelines() {
  const prepare = createPrepare();
  const clockModel = createModel('clock_model', 'prepare.clean_flights');
  const journeyModel = createModel('journey_model', 'prepare.journeys');
  const models = prepare.add(clockModel).add(journeyModel);
  return {
    __default__: models.add(createReport()),
    prepare,
    clock: prepare.onlyNodes('prepare.clean_flights').add(clockModel),
    models,
  };
}
