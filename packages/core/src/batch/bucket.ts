/** The bucket of a document: the first 20 bits of its id's MD5, given as hex (rule 18). */
export function bucketOf(md5Hex: string): number {
  return Number.parseInt(md5Hex.slice(0, 5), 16);
}
