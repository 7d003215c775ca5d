import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';

const registration = `
import inspect

from faults import extra

register_fixture = register_pipelines


def register_pipelines():
    functions = [each for each in vars(extra).values() if inspect.isfunction(each)]
    own = [each for each in functions if each.__module__ == extra.__name__]
    return register_fixture() | {each.__name__: pipeline([extra_node(each)]) for each in own}


def extra_node(function):
    params = [f"params:{name}" for name in list(inspect.signature(function).parameters)[1:]]
    return node(function, ["numbers", *params], None, name=function.__name__)
`;

/**
 * Adds a pipeline of one node for each function of a Python module to a copy of `faults-kedro`. A function
 * takes the dataset `numbers`, then parameters by their names; what it returns is dropped.
 */
export async function addNodes(project: TemporaryFolder, module: string): Promise<void> {
  await project.write('src/faults/extra.py', module);
  await appendFile(join(project.path, 'src/faults/pipeline_registry.py'), registration);
}
