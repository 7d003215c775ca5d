import { node, pipeline } from 'kedro-server';

import { tabulateAirports, tabulateHours, writeSummary } from './nodes.ts';

export function createPipeline() {
  return pipeline(
    [
      node(
        tabulateHours,
        ['clean_flights', 'params:prepare.day_starts_at', 'params:late_from'],
        'hours_table',
        { name: 'tabulate_hours', tags: 'tables' },
      ),
      node(
        tabulateAirports,
        ['journeys', 'clean_airports', 'params:late_from', 'params:least_departures'],
        'airports_table',
        { name: 'tabulate_airports', tags: 'tables' },
      ),
      node(
        writeSummary,
        [
          'hours_table',
          'airports_table',
          'clock_metrics',
          'journey_metrics',
          'params:flights',
          'params:airports_shown',
        ],
        'summary',
        { name: 'write_summary' },
      ),
    ],
    {
      namespace: 'report',
      inputs: {
        clean_flights: 'prepare.clean_flights',
        clean_airports: 'prepare.clean_airports',
        journeys: 'prepare.journeys',
        clock_metrics: 'clock_model.metrics',
        journey_metrics: 'journey_model.metrics',
      },
      parameters: ['params:flights', 'params:prepare.day_starts_at'],
    },
  );
}
