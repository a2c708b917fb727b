import {
  type Condition,
  type ListedObjects,
  type ListOptions,
  type ObjectStorage,
  type ReadObjectOptions,
  RequestError,
  type RequestOptions,
  type StoredObject,
} from "@ferrite/storage/cloud";
import type { Random } from "../random.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** What becomes of a request. */
export interface Fate {
  readonly what:
    | "served"
    /** The connection fails, and the bucket has not done it, or has. */
    | "cut before"
    | "cut after"
    /** The bucket answers 500, and has not done it, or has. */
    | "fails before"
    | "fails after"
    /** The bucket asks for some rest. */
    | "busy"
    /** It is said that the condition does not hold. */
    | "conflict"
    /** The connection fails, and the bucket does it long after that. */
    | "late"
    /** The bucket does it, its answer is lost, and the runtime sends it again without telling anybody. */
    | "resent";
  /** How long it takes to the bucket, and back. */
  readonly delayMs?: number;
  readonly answerMs?: number;
  /** For `"late"`: how long after the failure. */
  readonly lateMs?: number;
}

/** A request, for who decides what becomes of it. */
export interface Request {
  readonly method: "get" | "put" | "delete" | "list";
  /** The name of an object, or a prefix. */
  readonly name: string;
}

/** A bucket behind a bad connection. What it does to requests is up to `fateOf`; their delays are times of `clock`. */
export class FaultyBucket implements ObjectStorage {
  readonly provider = "faulty";
  readonly bucket = "faulty";
  /** How many requests of each kind have been made. */
  readonly requests: Record<Request["method"], number> = { get: 0, put: 0, delete: 0, list: 0 };
  /** Requests on their way, those included that nobody waits for any more. */
  underWay = 0;
  readonly #inner: ObjectStorage;
  readonly #clock: VirtualClock;

  constructor(inner: ObjectStorage, clock: VirtualClock, public fateOf: (request: Request) => Fate) {
    this.#inner = inner;
    this.#clock = clock;
  }

  get(name: string, { unlessVersion, signal }: ReadObjectOptions = {}): Promise<StoredObject | null | "unchanged"> {
    return this.#request({ method: "get", name }, signal, () => this.#inner.get(name, { unlessVersion }));
  }

  put(
    name: string,
    body: Uint8Array,
    condition: Condition | null,
    options: RequestOptions = {},
  ): Promise<string | null> {
    const refused = condition === null ? undefined : null;
    return this.#request<string | null>(
      { method: "put", name },
      options.signal,
      () => this.#inner.put(name, body, condition),
      refused,
    );
  }

  delete(name: string, condition: Condition | null, { signal }: RequestOptions = {}): Promise<boolean> {
    const refused = condition === null ? undefined : false;
    return this.#request<boolean>(
      { method: "delete", name },
      signal,
      () => this.#inner.delete(name, condition),
      refused,
    );
  }

  list(prefix: string, { cursor, limit, signal }: ListOptions = {}): Promise<ListedObjects> {
    return this.#request({ method: "list", name: prefix }, signal, () => this.#inner.list(prefix, { cursor, limit }));
  }

  /** Resolves when every request has come to its end. */
  async rest(): Promise<void> {
    while (this.underWay > 0) await this.#clock.sleep(1000);
  }

  #request<T>(request: Request, signal: AbortSignal | undefined, act: () => Promise<T>, refused?: T): Promise<T> {
    this.requests[request.method]++;
    const fate = this.fateOf(request);
    return new Promise<T>((resolve, reject) => {
      const giveUp = () => reject(failure(request, "the server has not answered in time"));
      if (signal?.aborted) return giveUp();
      signal?.addEventListener("abort", giveUp);
      this.#counted(() => this.#carry(request, fate, act, refused)).then(resolve, reject)
        .finally(() => signal?.removeEventListener("abort", giveUp));
    });
  }

  async #carry<T>(request: Request, fate: Fate, act: () => Promise<T>, refused: T | undefined): Promise<T> {
    await this.#clock.sleep(fate.delayMs ?? 0);
    switch (fate.what) {
      case "cut before":
        throw failure(request, "the connection failed");
      case "fails before":
        throw failure(request, "the server fails", { status: 500 });
      case "busy":
        throw failure(request, "the server refuses", { status: 429, mayHaveHappened: false, retryAfterMs: 5 });
      case "late":
        void this.#counted(() => this.#clock.sleep(fate.lateMs ?? 0).then(act));
        throw failure(request, "the connection failed");
      case "conflict":
        if (refused !== undefined) return refused;
        break;
      case "resent":
        await act();
    }
    const answer = await act();
    await this.#clock.sleep(fate.answerMs ?? 0);
    if (fate.what === "cut after") throw failure(request, "the connection failed");
    if (fate.what === "fails after") throw failure(request, "the server fails", { status: 500 });
    return answer;
  }

  async #counted<T>(run: () => Promise<T>): Promise<T> {
    this.underWay++;
    try {
      return await run();
    } finally {
      this.underWay--;
    }
  }
}

/** What http.ts would say. */
function failure({ method, name }: Request, why: string, more: { status?: number } & Partial<FailureMore> = {}) {
  const isWrite = method === "put" || method === "delete";
  return new RequestError(`Cannot ${method} ${name}: ${why}`, {
    isTransient: true,
    mayHaveHappened: isWrite,
    ...more,
  });
}

interface FailureMore {
  mayHaveHappened: boolean;
  retryAfterMs: number;
}

/** Fates from a seed: about so many in a hundred requests go wrong, in all ways there are. */
export function randomFates(random: Random, percent: number): () => Fate {
  const faults = [
    "cut before",
    "cut after",
    "fails before",
    "fails after",
    "busy",
    "conflict",
    "late",
    "resent",
  ] as const;
  return () => {
    const isFine = random.below(100) >= percent;
    return {
      what: isFine ? "served" : random.pick(faults),
      // Now and then longer than anybody waits for.
      delayMs: random.below(100) === 0 ? random.below(2000) : random.below(20),
      answerMs: random.below(100) === 0 ? random.below(2000) : random.below(20),
      lateMs: random.below(3) === 0 ? random.below(20_000) : random.below(200),
    };
  };
}
