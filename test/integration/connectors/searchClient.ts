/** A person's own way to the server, past Reindeer. Numbers keep their digits; what fails is thrown. */
export function searchClient(url: string) {
  // biome-ignore lint/suspicious/noExplicitAny: the tests know what they ask for
  return async (method: string, path: string, body?: object | string): Promise<any> => {
    const options = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const lenient = method === 'DELETE' ? '?ignore_unavailable=true' : '';
    const answer = await fetch(`${url}/${path}${lenient}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...options,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return parseExactly(text);
  };
}

function parseExactly(text: string): unknown {
  const keep = (_: string, value: unknown, context: { source?: string }): unknown =>
    typeof value === 'number' && context.source !== undefined && String(value) !== context.source
      ? (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(context.source)
      : value;
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown);
}
