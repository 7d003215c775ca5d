import { node, pipeline } from 'kedro-server';

import { fitDelayModel, scoreDelayModel, splitFlights } from './nodes.ts';

/** One delay model of its own features, on the dataset that `flights` names. */
export function createPipeline(namespace: string, flights: string) {
  return pipeline(
    [
      node(splitFlights, ['flights', 'params:test_every'], ['train', 'test'], {
        name: 'split_flights',
      }),
      node(fitDelayModel, ['train', 'params:features'], 'model', {
        name: 'fit_delay_model',
        tags: 'fit',
      }),
      node(scoreDelayModel, ['model', 'test', 'params:features'], 'metrics', {
        name: 'score_delay_model',
      }),
    ],
    { namespace, inputs: { flights }, parameters: ['params:test_every'] },
  );
}
