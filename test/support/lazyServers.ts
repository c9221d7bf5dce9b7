import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { OPEN_SEARCH, type OpenSearchMajor, startOpenSearch } from './startOpenSearch.ts';
import type { TestServer } from './testServer.ts';

export interface MissingServer {
  readonly name: string;
  readonly variable: string;
}

/**
 * Servers that take long to start and much memory: started when the first suite asks (`GET /3`), once for the whole run.
 * The answer is `{ url }`, null when there is none to be had. Where `required`, having neither version is an error; one
 * alone may lack, because version 3 wants a Java that not every system has a package of.
 */
export async function startLazyServers(
  directory: string,
  required: boolean,
): Promise<{ readonly url: string; stop(): Promise<readonly MissingServer[]> }> {
  const asked = new Map<OpenSearchMajor, Promise<TestServer | null>>();
  const start = (major: OpenSearchMajor) => {
    const started = asked.get(major) ?? startOpenSearch(major, directory);
    asked.set(major, started);
    return started;
  };
  const server = http.createServer((request, response) => {
    const major: OpenSearchMajor = request.url === '/2' ? 2 : 3;
    const end = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    const answer = async () => {
      const found = await start(major);
      if (found !== null || !required || (await start(major === 2 ? 3 : 2)) !== null) {
        end(200, { url: found?.url ?? null });
      } else {
        const { variable } = OPEN_SEARCH[major];
        end(500, { error: `CI is set, and there is no OpenSearch: give ${variable}, or put mvn and a JDK on PATH.` });
      }
    };
    answer().catch((error: unknown) => end(500, { error: String(error) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      const missing: MissingServer[] = [];
      for (const [major, started] of asked) {
        const found = await started.catch(() => undefined);
        if (found === null) missing.push(OPEN_SEARCH[major]);
        await found?.stop();
      }
      return missing;
    },
  };
}
