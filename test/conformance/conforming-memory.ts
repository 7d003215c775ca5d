import { createConformingProject } from '../project/conforming-project.ts';
import type { ConformingExecutor } from './executor-suite.ts';

/** The conforming project in memory, whose gates this process opens. */
export function createConformingMemory() {
  const { definition, openGate, readJson, addParameter } = createConformingProject();
  const access: Omit<ConformingExecutor, 'executor' | 'dispose'> = {
    gateParam: (name) => name,
    openGate: async (name) => openGate(name),
    readEcho: async (tenant) =>
      (await readJson(`data/echo-${tenant}.json`)) as { params: unknown; resolver: unknown },
    addParameter: async (name) => addParameter(name),
  };
  return { definition, access };
}
