/** Index settings by their full names, `index.number_of_shards`, however they were nested; lists stay as they are. */
export function flatten(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const walk = (node: Readonly<Record<string, unknown>>, path: string): void => {
    for (const [key, value] of Object.entries(node)) {
      const at = path === '' ? key : `${path}.${key}`;
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        walk(value as Record<string, unknown>, at);
      } else if (value !== null && value !== undefined) {
        found[at === 'index' || at.startsWith('index.') ? at : `index.${at}`] = value;
      }
    }
  };
  walk(settings, '');
  return found;
}
