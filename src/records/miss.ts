/**
 * Thrown by a step that needs records which are not in the core: those under these keys, and those with these node ids. A
 * store that can load them does, and runs the step again; nothing of it has taken effect. It is no `Error`: noting where it was
 * thrown would cost more than the read that it stands for.
 */
export class Miss {
  readonly keys: readonly Uint8Array[];
  readonly ids: readonly bigint[];

  constructor(keys: readonly Uint8Array[], ids: readonly bigint[]) {
    this.keys = keys;
    this.ids = ids;
  }
}
