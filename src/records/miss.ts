/**
 * Thrown by a step that needs records which are not in the core: those under these keys, and those with these node ids. A
 * store that can load them does, and runs the step again; nothing of it has taken effect.
 */
export class Miss extends Error {
  readonly keys: readonly Uint8Array[];
  readonly ids: readonly bigint[];

  constructor(keys: readonly Uint8Array[], ids: readonly bigint[]) {
    super("Records are missing: the step has to be run again once they are loaded");
    this.keys = keys;
    this.ids = ids;
  }
}
