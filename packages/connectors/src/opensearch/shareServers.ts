import type { SearchServer } from './server.ts';

/** One server's connections for all indexes that use it; closed when the last of them is. */
export function shareServers(): (name: string, open: () => SearchServer) => SearchServer {
  const shared = new Map<string, { readonly server: SearchServer; users: number }>();
  return (name, open) => {
    const entry = shared.get(name) ?? { server: open(), users: 0 };
    shared.set(name, entry);
    entry.users += 1;
    let closed = false;
    return {
      kind: entry.server.kind,
      connection: entry.server.connection,
      ask: (request) => entry.server.ask(request),
      close: async () => {
        if (closed) return;
        closed = true;
        entry.users -= 1;
        if (entry.users > 0) return;
        shared.delete(name);
        await entry.server.close();
      },
    };
  };
}
