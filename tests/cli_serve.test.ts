import { assert, assertEquals } from "@std/assert";
import { writeFile } from "node:fs/promises";
import { HybridLogStore } from "@ferrite/storage";
import { textOf } from "./support/bytes.ts";
import { inDirectory } from "./support/directory.ts";
import { test } from "./support/harness.ts";
import { Child, RUNTIMES } from "./support/processes.ts";

for (const runtime of RUNTIMES) {
  test(`ferrite serve on ${runtime} serves until it is told to stop, and has then committed what it has acknowledged`, () =>
    inDirectory(async (pathOf) => {
      const config = pathOf("ferrite.toml");
      const dataDir = pathOf("data");
      const settings = `data_dir = ${JSON.stringify(dataDir)}\ndurability = "manual"\n`;
      await writeFile(config, `[storage]\nbackend = "hybridlog"\n[storage.hybridlog]\n${settings}`);
      const args = ["--config", config, "serve", "--port", "0", "--no-auth", "--metrics"];
      const server = new Child(runtime, "../../src/cli/main.ts", ...args);
      const line = await server.line();
      const [url] = /http:\S+/.exec(line) ?? [];
      assert(url !== undefined, line);
      const ask = async (command: unknown[]) => {
        const response = await fetch(url, { method: "POST", body: JSON.stringify(command) });
        return await response.json();
      };
      assertEquals(await ask(["SET", "key", "value"]), { result: "OK" });
      assertEquals(await ask(["ZADD", "scores", 3, "ada"]), { result: 1 });
      assertEquals((await fetch(`${url}/get/key`).then((response) => response.json())).result, "value");
      const metrics = await (await fetch(`${url}/metrics`)).text();
      assert(metrics.includes(`ferrite_calls_total{db_operation_name="zadd"`), metrics);
      server.signal("SIGTERM");
      assertEquals(await server.ended(), 0);
      await using store = await HybridLogStore.open({ dataDir });
      assertEquals(textOf(await store.get("key")), "value");
      assertEquals(await store.zscore("scores", "ada"), 3);
    }));
}

test("ferrite serve lets nobody in by mistake", () =>
  inDirectory(async (pathOf) => {
    const config = pathOf("ferrite.toml");
    await writeFile(config, '[storage]\nbackend = "memory"\n');
    for (const more of [[], ["--no-auth", "--port", "70000"]]) {
      const child = new Child("node", "../../src/cli/main.ts", "--config", config, "serve", "--port", "0", ...more);
      assertEquals(await child.ended(), 2);
    }
  }));
