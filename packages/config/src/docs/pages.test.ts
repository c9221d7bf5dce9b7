import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { generatedPages } from './pages.ts';

describe('generated pages', () => {
  it.each(Object.entries(generatedPages()))(
    'docs/%s is what the code says (npm run docs:config writes it)',
    async (name, text) => {
      expect(await readFile(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8')).toBe(text);
    },
  );
});
