// The suite on a store whose `incrBy` forgets what it has counted: that must fail, and say so. Started by
// conformance.mjs.
import test from "node:test";
import { MemoryStore } from "@ferrite/storage";
import { conformance, RECORD_STORE } from "@ferrite/storage/conformance";

const capabilities = Object.freeze({ ...RECORD_STORE, sync: false });

function openForgetful() {
  const store = new MemoryStore({ maxSize: "64MB" });
  const members = {
    sync: undefined,
    supports: capabilities,
    incrBy: async (key, delta) => {
      const before = await store.get(key);
      const sum = await store.incrBy(key, delta);
      await (before === null ? store.del(key) : store.set(key, before));
      return sum;
    },
  };
  return new Proxy(store, {
    get(_, name) {
      if (name in members) return members[name];
      const member = Reflect.get(store, name, store);
      return typeof member === "function" ? member.bind(store) : member;
    },
  });
}

conformance({ test, name: "forgetful store", open: openForgetful, capabilities, effort: 0.05 });
