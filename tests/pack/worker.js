// The package on Cloudflare's workerd, where WebAssembly comes compiled. A store in memory may be made at module scope; one that waits for
// the network belongs to a request.
import { MemoryStore, text } from "@ferrite/storage";
import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import { ferriteApp } from "@ferrite/storage/http";
import module from "@ferrite/storage/core.wasm";
import edge from "@ferrite/storage/edge.wasm";

const store = new MemoryStore({ maxSize: "16MB", module });

const app = ferriteApp(store, { token: "secret" });
const headers = { authorization: "Bearer secret", "upstash-encoding": "base64" };

export default {
  async fetch() {
    const names = text(store);
    await using cloud = new CloudStore({ storage: memoryObjects(), cache: { size: "8MB" }, module: edge });
    for (let i = 0; i < 50_000; i++) store.sync.set(`key:${i}`, `value ${i}`);
    await names.set("greeting", "hello");
    await cloud.rpush("list", Array.from({ length: 5000 }, (_, i) => `element ${i}`));
    await Promise.all(Array.from({ length: 20 }, () => cloud.incrBy("visits")));
    const isRight = await names.get("greeting") === "hello" && await names.get("key:49999") === "value 49999" &&
      store.sync.size() === 50_001 && !store.supports.persistence && await cloud.llen("list") === 5000 &&
      await cloud.incrBy("visits") === 21;
    const body = JSON.stringify([["get", "greeting"], ["incr", "hits"]]);
    const answer = await app.fetch(new Request("http://localhost/pipeline", { method: "POST", headers, body }));
    const isServed = await answer.text() === '[{"result":"aGVsbG8="},{"result":1}]';
    return new Response(isRight && isServed ? "ok" : "wrong");
  },
};
