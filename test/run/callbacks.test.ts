import { describeCallbacks } from './callbacks-suite.ts';

describeCallbacks('fetch', undefined);
