// The copy of @std/assert on npm has no types: here are those of what the tests and the examples in the docs use.
declare module "@std/assert" {
  // deno-lint-ignore no-explicit-any
  type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

  export function assert(condition: unknown, message?: string): asserts condition;
  export function assertEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T;
  export function assertThrows<E extends Error = Error>(
    run: () => unknown,
    errorClass?: ErrorClass<E>,
    words?: string,
    message?: string,
  ): E;
  export function assertRejects<E extends Error = Error>(
    run: () => PromiseLike<unknown>,
    errorClass?: ErrorClass<E>,
    words?: string,
    message?: string,
  ): Promise<E>;
}
