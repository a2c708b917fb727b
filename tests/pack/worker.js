// The package on Cloudflare's workerd, where WebAssembly comes compiled and a store may be made at module scope.
import { MemoryStore, text } from "@ferrite/storage";
import module from "@ferrite/storage/core.wasm";

const store = new MemoryStore({ maxSize: "16MB", module });

export default {
  async fetch() {
    const names = text(store);
    for (let i = 0; i < 50_000; i++) store.sync.set(`key:${i}`, `value ${i}`);
    await names.set("greeting", "hello");
    const isRight = await names.get("greeting") === "hello" && await names.get("key:49999") === "value 49999" &&
      store.sync.size() === 50_001 && !store.supports.persistence;
    return new Response(isRight ? "ok" : "wrong");
  },
};
