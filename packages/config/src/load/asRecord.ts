/** The value as a plain object; null when it is anything else. */
export function asRecord(value: unknown): Record<string, unknown> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A module's own namespace and objects of another realm count too: what has no methods of its own class.
  return prototype === null || Object.getPrototypeOf(prototype) === null ? (value as Record<string, unknown>) : null;
}
