import type { ListEnd, ListOps, ListPositionOptions } from "@ferrite/storage";
import { fromEnd, KeysModel, refuse, span } from "./keys_model.ts";
import type { Answers } from "./operations.ts";

/** Lists as arrays. */
export class ListModel extends KeysModel<string[]> implements Answers<keyof ListOps> {
  constructor() {
    super({ type: "list", create: () => [], copy: (list) => list.slice(), size: (list) => list.length });
  }

  lpush(key: string, values: string[]): number {
    return this.change(key, (list) => list.unshift(...values.slice().reverse()));
  }

  rpush(key: string, values: string[]): number {
    return this.change(key, (list) => list.push(...values));
  }

  lpushx(key: string, values: string[]): number {
    return this.exists(key) ? this.lpush(key, values) : 0;
  }

  rpushx(key: string, values: string[]): number {
    return this.exists(key) ? this.rpush(key, values) : 0;
  }

  lpop(key: string, count: number = 1): string[] {
    return this.change(key, (list) => list.splice(0, count));
  }

  rpop(key: string, count: number = 1): string[] {
    return this.change(key, (list) => list.splice(Math.max(list.length - count, 0), count).reverse());
  }

  lrange(key: string, start: number, stop: number): string[] {
    return span(this.read(key), start, stop);
  }

  llen(key: string): number {
    return this.read(key).length;
  }

  lindex(key: string, index: number): string | null {
    return this.read(key).at(index) ?? null;
  }

  lset(key: string, index: number, value: string): undefined {
    this.change(key, (list) => {
      if (list.at(index) === undefined) refuse("OUT_OF_RANGE");
      list[fromEnd(index, list.length)] = value;
    });
  }

  linsert(key: string, where: "before" | "after", pivot: string, value: string): number {
    if (!this.exists(key)) return 0;
    return this.change(key, (list) => {
      const index = list.indexOf(pivot);
      if (index < 0) return -1;
      list.splice(where === "before" ? index : index + 1, 0, value);
      return list.length;
    });
  }

  linsertAt(key: string, index: number, value: string): number {
    return this.change(key, (list) => {
      const position = fromEnd(index, list.length);
      if (position < 0 || position > list.length) refuse("OUT_OF_RANGE");
      list.splice(position, 0, value);
      return list.length;
    });
  }

  lrem(key: string, count: number, value: string): number {
    return this.change(key, (list) => {
      const found = list.flatMap((item, i) => item === value ? [i] : []);
      const chosen = count < 0 ? found.slice(count) : count === 0 ? found : found.slice(0, count);
      for (const index of chosen.reverse()) list.splice(index, 1);
      return chosen.length;
    });
  }

  ltrim(key: string, start: number, stop: number): undefined {
    this.change(key, (list) => {
      const kept = span(list, start, stop);
      list.length = 0;
      list.push(...kept);
    });
  }

  lpos(key: string, value: string, options: ListPositionOptions = {}): number[] {
    const { rank = 1, count = 1, maxLength = 0 } = options;
    if (rank === 0 || count < 0 || maxLength < 0) refuse("OUT_OF_RANGE");
    const list = this.read(key);
    const indexes = rank > 0 ? [...list.keys()] : [...list.keys()].reverse();
    const found = indexes.slice(0, maxLength || Infinity).filter((index) => list[index] === value);
    return found.slice(Math.abs(rank) - 1).slice(0, count || Infinity);
  }

  lmove(source: string, destination: string, from: ListEnd, to: ListEnd): string | null {
    const value = this.lindex(source, from === "left" ? 0 : -1);
    if (value === null) return null;
    const take = (list: string[]) => from === "left" ? list.shift() : list.pop();
    const put = (list: string[]) => to === "left" ? list.unshift(value) : list.push(value);
    // Within one list at once: a list of one value must not disappear, and its expiry with it, on the way.
    if (source === destination) this.change(source, (list) => [take(list), put(list)]);
    else {
      this.change(source, take);
      this.change(destination, put);
    }
    return value;
  }
}
