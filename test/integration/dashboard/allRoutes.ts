import { appRoutes } from '@bull-board/api/dist/routes.js';
import type { Express } from 'express';

export interface Route {
  readonly method: string;
  /** With something that exists in place of each parameter. */
  readonly path: string;
}

/** The parts of Express's router that this looks at. */
interface Layer {
  readonly route?: { readonly path: string; readonly stack: readonly { readonly method?: string }[] };
  readonly handle: { readonly stack?: readonly Layer[] };
  /** Where it is mounted. */
  readonly rawPath: unknown;
}

const BOARD = '/queues';

const EXAMPLES: Readonly<Record<string, string>> = {
  run: '3',
  index: 'cities',
  queueName: 'cities.bulk',
  jobId: 'n3.s4.1',
  schedulerId: 'cities.rebuild',
  queueStatus: 'failed',
};

/** Every route of the dashboard: those of its routers, and all that Bull Board has. */
export function allRoutes(app: Express): Route[] {
  const own = walk((app as unknown as { router: { stack: readonly Layer[] } }).router.stack, '');
  const board = [appRoutes.entryPoint, ...appRoutes.api].flatMap(({ method, route }) =>
    [method].flat().flatMap((one) => [route].flat().map((path) => ({ method: one, path: `${BOARD}${path}` }))),
  );
  const all = [...own, ...board].map(({ method, path }) => ({ method: method.toUpperCase(), path: fill(path) }));
  return [...new Map(all.map((route) => [`${route.method} ${route.path}`, route])).values()];
}

function walk(stack: readonly Layer[], prefix: string): Route[] {
  return stack.flatMap((layer): Route[] => {
    const { route, handle } = layer;
    if (route !== undefined) {
      // `all` answers to what the others leave; a PUT stands for it.
      const methods = new Set(route.stack.map(({ method }) => method ?? 'put'));
      return [...methods].map((method) => ({ method, path: `${prefix}${route.path}` }));
    }
    if (handle.stack === undefined) return [];
    if (typeof layer.rawPath !== 'string')
      throw new Error('A router is mounted in a way that this test does not read.');
    return walk(handle.stack, layer.rawPath === '/' ? prefix : `${prefix}${layer.rawPath}`);
  });
}

function fill(path: string): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const example = EXAMPLES[name];
    if (example === undefined) throw new Error(`There is no example for :${name}: add one to EXAMPLES.`);
    return example;
  });
}
