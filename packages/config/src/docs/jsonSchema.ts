import { z } from 'zod';
import { asRecord } from '../load/asRecord.ts';
import { configSchema } from '../schema/configSchema.ts';

/** What stands alone where a number belongs is taken for the number it spells. */
const VARIABLE = { type: 'string', pattern: String.raw`^\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^{}]*)?\}$` };

/** The configuration's shape for editors, which complete and check JSON and YAML by it. The rules across keys are not in it. */
export function jsonSchema(): string {
  const made = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  const { $schema, ...schema } = forEditors(made) as Record<string, unknown>;
  const properties = { $schema: { type: 'string' }, ...(schema.properties as object) };
  const text = JSON.stringify({ $schema, title: 'Reindeer', ...schema, properties }, null, 2);
  // Short lists on one line, as the formatter has them.
  return `${text.replace(/\[\s+("[^"]*"(?:,\s+"[^"]*")*)\s+\]/g, (_, items: string) => `[${items.replace(/\s+/g, ' ')}]`)}\n`;
}

function forEditors(node: unknown): unknown {
  const record = asRecord(node);
  if (record === null) return Array.isArray(node) ? node.map(forEditors) : node;
  const {
    description,
    tradeOff,
    default: otherwise,
    properties,
    propertyNames,
    additionalProperties,
    items,
    ...rest
  } = record;
  const text = [description, tradeOff, typeof otherwise === 'string' ? `Default: ${otherwise}.` : undefined];
  const told = text.filter((one) => typeof one === 'string').join(' ');
  const kept = {
    ...(told === '' ? {} : { description: told }),
    ...widened(rest),
    ...(items === undefined ? {} : { items: forEditors(items) }),
    ...(properties === undefined ? {} : { properties: built(properties) }),
    // Names are checked by a pattern, or anything goes.
    ...(asRecord(propertyNames)?.pattern === undefined ? {} : { propertyNames }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: forEditors(additionalProperties) }),
  };
  return kept;
}

/** Without the keys that this version does not have: they take nothing, so nothing is known of them. */
function built(properties: unknown): object {
  const known = Object.entries(properties as object).filter(([, schema]) => Object.keys(schema as object).length > 0);
  return Object.fromEntries(known.map(([key, schema]) => [key, forEditors(schema)]));
}

function widened({ anyOf, ...rest }: Record<string, unknown>): object {
  // A function or a text: a file has only the text.
  if (Array.isArray(anyOf)) return { ...rest, ...anyOf.find((one) => (one as { type?: string }).type === 'string') };
  return rest.type === 'integer' || rest.type === 'number' ? { anyOf: [rest, VARIABLE] } : rest;
}
