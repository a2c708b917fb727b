import type { Open as OpenRival } from "../../rivals/contender.ts";
import type { Open } from "./contender.ts";

const LANES = 64;
/** Room for what is inserted after the load, where the number of keys is limited. */
const MORE_KEYS = 500_000;

/**
 * A rival that keeps the very buffers that it is given. Each write brings one of its own, as it must in a program: the others copy
 * what they are given.
 */
export function inMemory(open: OpenRival): Open {
  return async ({ keys }) => {
    const { faces: [face], close } = await open(keys + MORE_KEYS);
    const { label } = face;
    return {
      faces: [
        face.isAsync
          ? {
            label,
            isAwaited: true,
            lanes: LANES,
            get: (key) => face.get!(key),
            set: (key, value) => face.set!(key, value.slice()),
          }
          : {
            label,
            isAwaited: false,
            get: (key) => face.get!(key),
            set: (key, value) => face.set!(key, value.slice()),
          },
      ],
      close,
    };
  };
}
