import { node, pipeline } from 'kedro-server';

import { cleanAirports, cleanFlights, joinAirports } from './nodes.ts';

export function createPipeline() {
  return pipeline(
    [
      node(
        cleanFlights,
        ['flights', 'params:earliest', 'params:latest', 'params:day_starts_at', 'params:busy_days'],
        'clean_flights',
        { name: 'clean_flights', tags: 'clean' },
      ),
      node(cleanAirports, 'airports', 'clean_airports', {
        name: 'clean_airports',
        tags: 'clean',
      }),
      node(joinAirports, ['clean_flights', 'clean_airports'], 'journeys', {
        name: 'join_airports',
      }),
    ],
    { namespace: 'prepare', inputs: ['flights', 'airports'] },
  );
}
