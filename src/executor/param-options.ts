import { ServerSettingsError } from '../errors.ts';

/** What runtime parameters, those of a request, may do. */
export interface ParamOptions {
  /**
   * Lets them do what they may in Kedro's shell: choose dataset classes, lead anywhere, and
   * interpolate (`${…}` in them is resolved). Only for callers that may change the project too.
   */
  readonly trustParams?: boolean | undefined;
  /**
   * Where they may lead beside the project's folder: absolute folders, and URLs that the place has
   * to be below, as `s3://bucket/tenants`.
   */
  readonly paramRoots?: readonly string[] | undefined;
}

const absoluteFolder = /^(?:\/|\\\\|[a-z]:[/\\])/iu;
const urlWithHost = /^[a-z][a-z0-9+.-]+:\/\/[^/\\]/iu;

/** Throws `ServerSettingsError` for what is neither an absolute folder nor a URL. */
export function parseParamRoots(roots: readonly string[] = []): readonly string[] {
  for (const root of roots) {
    const isPlace = absoluteFolder.test(root) || urlWithHost.test(root);
    if (isPlace && !root.split(/[/\\]/u).includes('..')) continue;
    throw new ServerSettingsError(
      `'${root}' is no place that paramRoots can list: write an absolute folder, or a URL with a host or bucket like 's3://bucket/tenants', without '..'.`,
    );
  }
  return roots;
}
