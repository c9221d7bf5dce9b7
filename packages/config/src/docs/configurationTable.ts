import { configSchema } from '../schema/configSchema.ts';
import type { KeyNotes } from '../schema/values.ts';

interface Node {
  readonly shape?: Readonly<Record<string, Node>>;
  readonly valueType?: Node;
  readonly element?: Node;
  unwrap?(): Node;
  meta?(): KeyNotes | undefined;
}

const NAMES: Readonly<Record<string, string>> = { connections: 'NAME', indexes: 'INDEX' };

/** Every key of the configuration as Markdown rows, made from the schema itself: path, default, effect, trade-off. */
export function configurationTable(): string {
  const rows: string[] = [];
  const walk = (node: Node, path: string): void => {
    for (const [key, child] of Object.entries(inner(node).shape ?? {})) {
      const at = path === '' ? key : `${path}.${key}`;
      const notes = notesOf(child);
      if (notes?.default !== undefined || notes?.tradeOff !== undefined || (notes !== undefined && isLeaf(child))) {
        rows.push(
          `| \`${at}\` | ${cell(notes.default ?? 'required')} | ${cell(notes.description)} | ${cell(notes.tradeOff ?? '')} |`,
        );
      }
      const type = inner(child);
      if (type.shape !== undefined) walk(type, at);
      else if (type.valueType !== undefined) walk(type.valueType, `${at}.${NAMES[key] ?? 'KEY'}`);
      else if (type.element !== undefined) walk(type.element, `${at}[]`);
    }
  };
  walk(configSchema as unknown as Node, '');
  return ['| key | default | effect | trade-off |', '|---|---|---|---|', ...rows].join('\n');
}

function isLeaf(node: Node): boolean {
  return inner(node).shape === undefined;
}

/** The notes stand on the outermost wrapper. */
function notesOf(node: Node): KeyNotes | undefined {
  return node.meta?.();
}

function inner(node: Node): Node {
  let type = node;
  while (
    type.shape === undefined &&
    type.element === undefined &&
    type.valueType === undefined &&
    type.unwrap !== undefined
  ) {
    type = type.unwrap();
  }
  return type;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
