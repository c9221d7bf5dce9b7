import { mkdir, writeFile } from 'node:fs/promises';
import { generatedPages } from './pages.ts';

const folder = new URL('../../../../docs/', import.meta.url);
await mkdir(folder, { recursive: true });
for (const [name, text] of Object.entries(generatedPages())) await writeFile(new URL(name, folder), text);
