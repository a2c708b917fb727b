/** What a read may give; only bytes are right. */
export type Read = Uint8Array | null | undefined;

/** One way to use a store that answers at once. What a store cannot do so is left out and not measured. */
export interface SyncFace {
  readonly label: string;
  readonly isAsync: false;
  /** Whether what was read is overwritten by the next read: then there are no batches. */
  readonly borrows?: boolean;
  get?(key: string): Read;
  set?(key: string, value: Uint8Array): void;
  getMany?(keys: string[]): ArrayLike<Read>;
  /** Writes `keys[start]` to `keys[end - 1]`, where that is cheaper than one by one: a transaction, a batch. */
  setMany?(keys: string[], values: Uint8Array[], start: number, end: number): void;
}

/** The same with promises, each awaited before the next call. */
export interface AsyncFace {
  readonly label: string;
  readonly isAsync: true;
  get?(key: string): Promise<Read>;
  set?(key: string, value: Uint8Array): Promise<unknown>;
  getMany?(keys: string[]): Promise<ArrayLike<Read>>;
  setMany?(keys: string[], values: Uint8Array[], start: number, end: number): Promise<unknown>;
}

export type Face = SyncFace | AsyncFace;

/** A store that takes part, empty at first. */
export interface Contender {
  readonly faces: readonly Face[];
  /** Brings the store into the state in which it reads best, after a load. */
  settle?(): void | Promise<void>;
  close(): void | Promise<void>;
}

/** Opens a contender that will hold `keys` entries. Throws when it cannot run here. */
export type Open = (keys: number) => Contender | Promise<Contender>;
