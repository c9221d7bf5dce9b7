import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfigFile } from './readConfigFile.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reindeer-read-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const READ = new URL('./readConfigFile.ts', import.meta.url).href;
const SCRIPT = `import { writeFileSync } from 'node:fs';
const { readConfigFile } = await import(${JSON.stringify(READ)});
const results = [];
for (const [path, text] of JSON.parse(process.argv[1])) {
  writeFileSync(path, text);
  results.push(await readConfigFile(path).then((value) => ({ value }), ({ code, message, cause }) => ({ code, message, cause })));
}
console.log(JSON.stringify(results));`;

/** Written and read one after the other by Node itself: Vitest would import the modules in its own way. */
async function readByNode(files: readonly (readonly [name: string, text: string])[]): Promise<unknown[]> {
  const given = files.map(([name, text]) => [join(folder, name), text]);
  const args = ['--no-warnings', '--input-type=module', '-e', SCRIPT, JSON.stringify(given)];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
}

describe('readConfigFile', () => {
  it.each<[string, string, string]>([
    ['a.json', '{\n  "a": x\n}', 'a.json:2 cannot be read: this is no JSON: there is an unexpected token.'],
    ['b.json', '{ "a": 1\n', "b.json:2:1 cannot be read: this is no JSON: Expected ',' or '}' after property value."],
    ['c.json', '', 'c.json cannot be read: this is no JSON: the file is empty.'],
    [
      'd.yaml',
      'a: 1\nb: "x" y\n c: 3\n',
      'd.yaml cannot be read: this is no YAML:\n  - line 2, column 4: Nested mappings are not allowed in compact mappings.',
    ],
    [
      'e.yaml',
      'a: 1\na: 2\n',
      'e.yaml cannot be read: this is no YAML:\n  - line 2, column 1: Map keys must be unique.',
    ],
    [
      'f.yaml',
      'a: *b\n',
      'f.yaml cannot be read: this is no YAML: Unresolved alias (the anchor must be set before the alias).',
    ],
  ])('says what is wrong with %s, and where', async (name, text, message) => {
    await expect(write(name, text).then(readConfigFile)).rejects.toMatchObject({
      code: 'config-unreadable',
      message: `${folder}/${message}`,
    });
  });

  it('says what is wrong with a module, and where', async () => {
    const modules = [
      [
        'g.ts',
        "export default {\n  a: 1,\n  b: 'x'hunter2,\n};\n",
        'g.ts:3 cannot be read: SyntaxError: Expected, got.',
      ],
      [
        'h.mjs',
        "export default {\n  a: 1,\n  b: 'x'hunter2,\n};\n",
        'h.mjs:3 cannot be read: SyntaxError: Unexpected identifier.',
      ],
      [
        'i.ts',
        'enum A { x }\nexport default { a: A.x };\n',
        'i.ts:1 cannot be read: SyntaxError: TypeScript enum is not supported in strip-only mode. Types are only taken away here: write it without enum, namespace and parameter properties.',
      ],
      ['j.mjs', '\nexport default { a: b };\n', 'j.mjs:2:21 cannot be read: ReferenceError: b is not defined.'],
      [
        'k.ts',
        "import a from 'no-such-package';\nexport default a;\n",
        "k.ts cannot be read: Error: Cannot find package 'no-such-package'. Install the package, or correct the path; it needs the ending of the file.",
      ],
      [
        'l.mjs',
        "import { no } from 'node:fs';\nexport default no;\n",
        "l.mjs:1 cannot be read: SyntaxError: The requested module 'node:fs' does not provide an export named 'no'.",
      ],
      ['m.mjs', 'export const a = 1;\n', 'm.mjs has no default export. Write `export default …`.'],
    ] as const;
    expect(await readByNode(modules.map(([name, text]) => [name, text]))).toEqual(
      modules.map(([, , message]) => ({ code: 'config-unreadable', message: `${folder}/${message}` })),
    );
  });

  it('takes types away, and gives every module this @reindeer/config', async () => {
    const text = `import { defineConfig } from '@reindeer/config';
      const name: string = 'cities';
      export default defineConfig({ connections: {}, indexes: { [name]: null as never } });`;
    expect(await readByNode([['typed.ts', text]])).toEqual([{ value: { connections: {}, indexes: { cities: null } } }]);
  });

  it('sees a change at once, also within the resolution of the clock', async () => {
    const files = [1, 2, 3, 1].map((value) => ['often.mjs', `export default ${value};`] as const);
    expect(await readByNode(files)).toEqual([{ value: 1 }, { value: 2 }, { value: 3 }, { value: 1 }]);
  });

  it('leaves out what a JSON file says to editors', async () => {
    const path = await write('schema.json', '{ "$schema": "https://example.com/reindeer.schema.json", "indexes": {} }');
    expect(await readConfigFile(path)).toEqual({ indexes: {} });
  });

  it('reads what begins with a byte order mark', async () => {
    expect(await readConfigFile(await write('bom.json', '\uFEFF{ "a": 1 }'))).toEqual({ a: 1 });
  });
});
