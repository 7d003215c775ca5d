export * from './project-server.ts';
export { serve } from '../nodejs/serve.ts';
