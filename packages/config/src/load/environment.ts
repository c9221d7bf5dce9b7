import { readFileSync } from 'node:fs';

export interface Substituted {
  readonly value: unknown;
  readonly problems: readonly { readonly path: string; readonly message: string }[];
  /** Texts that were one variable and nothing else: where a number belongs, they stand for the number they spell. */
  readonly variables: ReadonlySet<string>;
}

const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}|\$\{/g;

/**
 * Fills in `${NAME}` and `${NAME:-default}` in every string, at any depth. A variable that is not set is read from the
 * file that `NAME_FILE` names, as container secrets are given; its trailing line break is not part of it. `$${` is a
 * literal `${`.
 */
export function substitute(value: unknown, env: NodeJS.ProcessEnv): Substituted {
  const problems: { path: string; message: string }[] = [];
  const variables = new Set<string>();
  const walk = (node: unknown, path: string): unknown => {
    if (typeof node === 'string') return fill(node, path);
    if (Array.isArray(node)) return node.map((item, at) => walk(item, `${path}[${at}]`));
    if (node === null || typeof node !== 'object' || Object.getPrototypeOf(node) !== Object.prototype) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, item]) => [key, walk(item, path === '' ? key : `${path}.${key}`)]),
    );
  };
  const fill = (text: string, path: string): string => {
    if (/^\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^{}]*)?\}$/.test(text)) variables.add(path);
    return text.replace(REFERENCE, (match: string, name: string | undefined, fallback: string | undefined) => {
      if (match === '$${') return '${';
      if (name === undefined) {
        const message =
          'has a ${ that begins no variable: write ${NAME} or ${NAME:-default}, or $${ for the two characters';
        problems.push({ path, message });
        return match;
      }
      const found = env[name] ?? fromFile(name, path);
      // As in a shell, `:-` also stands in for an empty variable.
      if (found !== undefined && (found !== '' || fallback === undefined)) return found;
      if (fallback !== undefined) return fallback;
      problems.push({
        path,
        message: `\${${name}} is not set: set ${name}, or ${name}_FILE to a file that holds it, or write \${${name}:-default}`,
      });
      return '';
    });
  };
  const fromFile = (name: string, path: string): string | undefined => {
    const file = env[`${name}_FILE`];
    if (file === undefined || file === '') return undefined;
    try {
      return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    } catch (error) {
      problems.push({
        path,
        message: `${name}_FILE is ${JSON.stringify(file)}, which cannot be read (${(error as NodeJS.ErrnoException).code})`,
      });
      return '';
    }
  };
  return { value: walk(value, ''), problems, variables };
}
