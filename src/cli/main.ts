#!/usr/bin/env node
import { runCommandLine } from './command-line.ts';

// A reader that has gone away must not end the server.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

process.exitCode = await runCommandLine(process.argv.slice(2));
// Everything is closed by now; what user code or a bug left open must not keep the process.
setTimeout(() => process.exit(), 2000).unref();
