import { type MemoryStore, wrap } from "@ferrite/storage";

/** How long something takes. */
type Pause = () => Promise<void>;

/**
 * A memory store that takes its time, as one far away does: calls take effect in the order they were made, some time after that, and
 * are answered some time later still, in any order. A call that is answered at once has all before it take effect first.
 */
export function lateStore(inner: MemoryStore, pause: Pause): MemoryStore {
  const waiting: (() => void)[] = [];
  let travelling = Promise.resolve();

  const late = (name: string, args: unknown[]): Promise<unknown> => {
    const effect = new Promise<unknown>((resolve, reject) => {
      waiting.push(() => {
        try {
          resolve((inner.sync as unknown as Record<string, (...args: unknown[]) => unknown>)[name](...args));
        } catch (error) {
          reject(error);
        }
      });
    });
    travelling = travelling.then(pause).then(() => waiting.shift()?.());
    const answered = effect.then(() => {}, () => {}).then(pause);
    return answered.then(() => effect);
  };

  return wrap(inner, ({ name, face }, call) => {
    if (name === "stats" || name === "keys" || name === "close") return call;
    if (face === "store") return (...args) => late(name, args);
    return (...args) => {
      if (face === "sync") { for (const takeEffect of waiting.splice(0)) takeEffect(); }
      return call(...args);
    };
  });
}

/** Has `Date.now()` give what a test says, until it is disposed of. */
export function datesFrom(now: () => number): Disposable {
  const real = Date.now;
  Date.now = now;
  return { [Symbol.dispose]: () => void (Date.now = real) };
}
