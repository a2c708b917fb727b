import type { LimitOptions, SetOps } from "@ferrite/storage";
import { assertSame, type Judge, type Plain } from "./plain.ts";
import { inAnyOrder, sampleOf, scanStepOf } from "./judges.ts";
import { KeysModel } from "./keys_model.ts";
import type { Answers } from "./operations.ts";

/** Sets as sets. */
export class SetModel extends KeysModel<Set<string>> implements Answers<keyof SetOps> {
  constructor() {
    super({ type: "set", create: () => new Set(), copy: (set) => new Set(set), size: (set) => set.size });
  }

  sadd(key: string, members: string[]): number {
    return this.change(key, (set) => {
      const before = set.size;
      for (const member of members) set.add(member);
      return set.size - before;
    });
  }

  srem(key: string, members: string[]): number {
    return this.change(key, (set) => members.filter((member) => set.delete(member)).length);
  }

  sisMember(key: string, member: string): boolean {
    return this.read(key).has(member);
  }

  smisMember(key: string, members: string[]): boolean[] {
    return members.map((member) => this.sisMember(key, member));
  }

  smembers(key: string): Judge {
    return inAnyOrder([...this.read(key)]);
  }

  scard(key: string): number {
    return this.read(key).size;
  }

  /** Takes away what the store says it has taken, if that can be. */
  spop(key: string, count: number = 1): Judge {
    return (actual) => {
      sampleOf([...this.read(key)], count)(actual);
      assertSame(this.srem(key, actual as string[]), (actual as string[]).length);
    };
  }

  srandMember(key: string, count?: number): Judge {
    return sampleOf([...this.read(key)], count);
  }

  smove(source: string, destination: string, member: string): boolean {
    if (!this.sisMember(source, member)) return false;
    // To itself: a set of one member must not disappear on the way.
    if (source !== destination) this.srem(source, [member]);
    this.sadd(destination, [member]);
    return true;
  }

  sscan(key: string, options: Plain): Judge {
    return scanStepOf("members", [...this.read(key)], options);
  }

  sinter(keys: string[]): Judge {
    return inAnyOrder([...this.#inter(keys)]);
  }

  sunion(keys: string[]): Judge {
    return inAnyOrder([...this.#union(keys)]);
  }

  sdiff(keys: string[]): Judge {
    return inAnyOrder([...this.#diff(keys)]);
  }

  sinterStore(destination: string, keys: string[]): number {
    return this.replace(destination, this.#inter(keys));
  }

  sunionStore(destination: string, keys: string[]): number {
    return this.replace(destination, this.#union(keys));
  }

  sdiffStore(destination: string, keys: string[]): number {
    return this.replace(destination, this.#diff(keys));
  }

  sinterCard(keys: string[], { limit = 0 }: LimitOptions = {}): number {
    return Math.min(this.#inter(keys).size, limit || Infinity);
  }

  #inter([first, ...others]: string[]): Set<string> {
    return new Set([...this.read(first)].filter((member) => others.every((key) => this.sisMember(key, member))));
  }

  #union(keys: string[]): Set<string> {
    return new Set(keys.flatMap((key) => [...this.read(key)]));
  }

  #diff([first, ...others]: string[]): Set<string> {
    return new Set([...this.read(first)].filter((member) => !others.some((key) => this.sisMember(key, member))));
  }
}
