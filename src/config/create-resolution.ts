import { type DictNode, RUNTIME_PARAMS } from './config-node.ts';
import {
  createEnvResolver,
  createGlobalsResolver,
  createRuntimeParamsResolver,
  type Environment,
  refuseGlobals,
} from './kedro-resolvers.ts';
import { createOmegaconfResolvers } from './omegaconf-resolvers.ts';
import { Resolution, type ResolutionOptions } from './resolution.ts';
import { type CustomResolver, fromCustomResolver, type Resolver } from './resolver.ts';

export interface ResolutionContext {
  readonly kind: string;
  /** Null while the globals themselves are loaded. */
  readonly globals: (() => DictNode) | null;
  readonly runtimeParams: () => DictNode;
  readonly customResolvers: Readonly<Record<string, CustomResolver>>;
  readonly environment: Environment;
  /** Runtime parameters come from strangers: what looks like configuration in them is text. */
  readonly literalRuntimeParams: boolean;
}

export interface ResolutionUse {
  /** `${oc.env:…}` may be used. */
  readonly asksEnvironment?: boolean;
  /** The tree is changed meanwhile: nothing is kept. */
  readonly changesTree?: boolean;
}

/** A resolution with the resolvers that a kind of configuration may use. */
export function createResolution(
  context: ResolutionContext,
  { asksEnvironment = false, changesTree = false }: ResolutionUse = {},
): Resolution {
  const { kind, globals, runtimeParams, customResolvers, environment } = context;
  const resolvers = new Map<string, Resolver>();
  const getResolution = (): Resolution => resolution;
  if (asksEnvironment) resolvers.set('oc.env', createEnvResolver(environment));
  for (const [name, resolver] of Object.entries(customResolvers)) {
    const toValue = (resolved: Parameters<Resolution['toValue']>[0]) =>
      resolution.toValue(resolved);
    resolvers.set(name, fromCustomResolver(name, resolver, toValue));
  }
  for (const [name, resolver] of createOmegaconfResolvers(getResolution)) {
    resolvers.set(name, resolver);
  }
  resolvers.set(
    'globals',
    globals === null ? refuseGlobals : createGlobalsResolver(globals, getResolution),
  );
  if (kind === 'globals') resolvers.delete('runtime_params');
  else {
    resolvers.set('runtime_params', createRuntimeParamsResolver(runtimeParams, getResolution));
  }
  const options: ResolutionOptions = {
    resolvers,
    watchedOrigin: RUNTIME_PARAMS,
    watchedIsData: context.literalRuntimeParams,
    keepResults: !changesTree,
    secret: kind === 'credentials',
  };
  const resolution = new Resolution(options);
  return resolution;
}
