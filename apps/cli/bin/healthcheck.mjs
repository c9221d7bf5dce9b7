// `reindeer health` for a container's HEALTHCHECK, without loading the command line: it is asked for in every container
// every few seconds, at 0.07 s of CPU instead of 0.5 s. Port 9464, or the one given.
const url = `http://127.0.0.1:${process.argv[2] ?? 9464}/healthz`;
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(4_000), redirect: 'error' });
  process.stdout.write(`${response.status} ${await response.text()}`);
  process.exitCode = response.status === 200 ? 0 : 1;
} catch (error) {
  process.stdout.write(`${url} does not answer: ${error.cause?.message ?? error.message}\n`);
  process.exitCode = 1;
}
