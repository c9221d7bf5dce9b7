export type * from './resolved.ts';
export * from './requireUrls.ts';
