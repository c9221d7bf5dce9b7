export { howModified } from './howModified.ts';
export { type ModifiedExactness, type ModifiedTarget, modifiedBound } from './modifiedBound.ts';
export { openModifiedColumn } from './openModifiedColumn.ts';
