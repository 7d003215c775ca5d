import path from 'node:path';
import { describeHttp } from './http-suite.ts';
import { startServerProcess } from './server-process.ts';

const program = path.join(import.meta.dirname, 'node-server.ts');

describeHttp('Node', () => startServerProcess(process.execPath, [program]));
