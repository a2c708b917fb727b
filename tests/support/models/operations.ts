import fc from "fast-check";
import type { Face, SyncFace } from "./face.ts";
import { printedAs } from "./elements.ts";
import { type Answer, plainArgument } from "./plain.ts";
import { batches, type Prefill } from "./prefill.ts";

/** Something to do on a store and on its model. */
export interface Operation<M> {
  /** How it is printed. */
  [fc.toStringMethod](): string;
  call(face: Face): unknown;
  answer(model: M): Answer;
}

export type Method = keyof SyncFace;

/** What a model must have to answer these methods. */
export type Answers<Methods extends Method> = { [K in Methods]: (...args: never[]) => Answer };

/** Arguments to draw for each of these methods. */
export type Arguments<Methods extends Method> = { [K in Methods]: fc.Arbitrary<Parameters<SyncFace[K]>> };

/** A method with arguments. The model's method of that name foretells the answer. */
export function operation<K extends Method, M extends Answers<K>>(
  method: K,
  args: Parameters<SyncFace[K]>,
): Operation<M> {
  return {
    [fc.toStringMethod]: () => `${method}(${args.map(fc.stringify).join(", ")})`,
    call: (face) => (face as Record<K, (...args: unknown[]) => unknown>)[method](...args),
    answer: (model) =>
      (model as Answers<K> as Record<K, (...args: unknown[]) => Answer>)[method](...args.map(plainArgument)),
  };
}

/** Any of these methods; those named come up several times as often. */
export function operationsOf<K extends Method, M extends Answers<K>>(
  methods: Arguments<K>,
  often: readonly K[],
): fc.Arbitrary<Operation<M>> {
  const names = Object.keys(methods) as K[];
  return fc.oneof(...names.map((name) => ({
    weight: often.includes(name) ? 5 : 1,
    arbitrary: methods[name].map((args) => operation<K, M>(name, args)),
  })));
}

/** The calls that put the elements of a prefill there. */
export function filling<M>(
  prefill: Prefill,
  fill: (numbers: number[]) => Operation<M>,
): Operation<M>[] {
  return batches(prefill).map((numbers) => {
    const { call, answer } = fill(numbers);
    return printedAs(`/* ${numbers.length} elements */`, { call, answer } as Operation<M>);
  });
}
