import type { Schema } from '../../../apps/dashboard/src/api/schemas.ts';

/** Where the value differs from the schema; enough of JSON Schema for the API's own. */
export function schemaMistakes(value: unknown, schema: Schema, schemas: Record<string, Schema>, at: string): string[] {
  if (schema.$ref !== undefined) {
    const target = schemas[schema.$ref.replace('#/components/schemas/', '')];
    return target === undefined ? [`${at}: ${schema.$ref} is missing`] : schemaMistakes(value, target, schemas, at);
  }
  if (schema.oneOf !== undefined) {
    const tries = schema.oneOf.map((one) => schemaMistakes(value, one, schemas, at));
    return tries.some((found) => found.length === 0) ? [] : (tries[0] ?? []);
  }
  const types = [schema.type ?? []].flat();
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const fits = types.includes(type) || (type === 'number' && Number.isInteger(value) && types.includes('integer'));
  if (!fits) return [`${at}: ${type} instead of ${types.join(' or ')}`];
  if (schema.enum !== undefined && !schema.enum.includes(value as string | null))
    return [`${at}: ${String(value)} is not listed`];
  if (Array.isArray(value))
    return value.flatMap((item, n) => schemaMistakes(item, schema.items ?? {}, schemas, `${at}[${n}]`));
  if (type !== 'object') return [];
  const fields = value as Record<string, unknown>;
  const properties = schema.properties ?? {};
  return [
    ...(schema.required ?? []).filter((name) => !(name in fields)).map((name) => `${at}.${name}: missing`),
    ...Object.keys(fields)
      .filter((name) => !(name in properties))
      .map((name) => `${at}.${name}: not described`),
    ...Object.entries(fields).flatMap(([name, field]) => {
      const one = properties[name];
      return one === undefined ? [] : schemaMistakes(field, one, schemas, `${at}.${name}`);
    }),
  ];
}
