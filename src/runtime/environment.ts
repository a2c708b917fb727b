/** A variable of the environment; `undefined` where there is none, or no environment. Deno asks for the permission to read it. */
export function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const { Deno } = globalThis as { Deno?: { env: { get(name: string): string | undefined } } };
  return Deno === undefined ? process?.env?.[name] : Deno.env.get(name);
}
