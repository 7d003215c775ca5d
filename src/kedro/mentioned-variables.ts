import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const mention = /\$\{\s{0,8}oc\.env\s{0,8}:\s{0,8}([A-Za-z_][A-Za-z0-9_]{0,255})/gu;
const confSourceSetting = /^CONF_SOURCE[ \t]{0,8}=[ \t]{0,8}["']([^"'\r\n]{1,1024})["']/mu;
const configuration = /\.(?:ya?ml|json)$/u;

async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

/** `conf`, unless a package's `settings.py` names another folder by a plain text. */
async function findConf(projectPath: string): Promise<string> {
  const source = join(projectPath, 'src');
  for (const name of await readdir(source).catch(() => [])) {
    const named = confSourceSetting.exec(await read(join(source, name, 'settings.py')));
    if (named?.[1] !== undefined) return resolve(projectPath, named[1]);
  }
  return join(projectPath, 'conf');
}

/**
 * Names of environment variables that the texts of a project's configuration mention as
 * `${oc.env:NAME}`. Configuration that is no folder mentions none.
 */
export async function mentionedVariables(
  projectPath: string,
  confSource: string | undefined,
): Promise<ReadonlySet<string>> {
  const folder = confSource ?? (await findConf(projectPath));
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const mentioned = new Set<string>();
  for (const file of files.filter((name) => configuration.test(name))) {
    const found = (await read(join(folder, file))).matchAll(mention);
    for (const [, name = ''] of found) mentioned.add(name);
  }
  return mentioned;
}
