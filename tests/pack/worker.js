// The package on Cloudflare's workerd, where WebAssembly comes compiled and a store may be made at module scope.
import { MemoryStore, text } from "@ferrite/storage";
import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import module from "@ferrite/storage/core.wasm";
import edge from "@ferrite/storage/edge.wasm";

const store = new MemoryStore({ maxSize: "16MB", module });
const cloud = new CloudStore({ storage: memoryObjects(), cache: { size: "8MB" }, module: edge });

export default {
  async fetch() {
    const names = text(store);
    for (let i = 0; i < 50_000; i++) store.sync.set(`key:${i}`, `value ${i}`);
    await names.set("greeting", "hello");
    await cloud.rpush("list", Array.from({ length: 5000 }, (_, i) => `element ${i}`));
    await Promise.all(Array.from({ length: 20 }, () => cloud.incrBy("visits")));
    const isRight = await names.get("greeting") === "hello" && await names.get("key:49999") === "value 49999" &&
      store.sync.size() === 50_001 && !store.supports.persistence && await cloud.llen("list") === 5000 &&
      await cloud.incrBy("visits") === 21;
    return new Response(isRight ? "ok" : "wrong");
  },
};
