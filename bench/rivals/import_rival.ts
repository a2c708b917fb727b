/**
 * Imports a package of bench/package.json. Not by an import statement: the root project is checked without them, and
 * one that does not load must not keep the others from running. The caller states the few types it uses.
 */
export async function importRival<T>(name: string): Promise<T> {
  return await import(name) as T;
}
