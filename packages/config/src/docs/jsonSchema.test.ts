import { describe, expect, it } from 'vitest';
import { jsonSchema } from './jsonSchema.ts';

interface Node {
  readonly properties: Readonly<Record<string, Node>>;
  readonly additionalProperties: Node;
  readonly [key: string]: unknown;
}

describe('jsonSchema', () => {
  const schema = JSON.parse(jsonSchema()) as Node;
  const index = schema.properties.indexes?.additionalProperties;

  it('has what the schema demands, and says what a key does', () => {
    expect(schema.required).toEqual(['connections', 'indexes']);
    expect(index?.properties.source?.required).toEqual(['connection', 'key']);
    expect(index?.properties.shards?.description).toMatch(/^Key ranges .* Default: 1\.$/);
  });

  it('takes a variable where a number belongs, and a path where a function may stand', () => {
    expect(schema.properties.dashboard?.properties.port).toMatchObject({
      anyOf: [{ type: 'integer', minimum: 0, maximum: 65_535 }, { type: 'string' }],
    });
    expect(index?.properties.transform).toMatchObject({ type: 'string' });
  });
});
