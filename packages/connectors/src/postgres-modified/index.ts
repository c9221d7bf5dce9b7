export { checkPostgresModified, type ModifiedCheck } from './checkModified.ts';
export { type ModifiedExactness, type ModifiedTarget, modifiedBound } from './modifiedBound.ts';
export { openModifiedColumn } from './openModifiedColumn.ts';
