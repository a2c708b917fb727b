// Run it with `deno run -A examples/sqlite/main.ts`, `bun examples/sqlite/main.ts`, or Node from 22.13 on.

import { RecordStore } from "@ferrite/storage/kernel";
import { SqliteTable } from "./sqlite_table.ts";

await using store = new RecordStore({ table: await SqliteTable.open("scores.sqlite") });
await store.transact((tx) => {
  tx.zadd("scores", [[Math.round(Math.random() * 100), "ada"], [50, "bob"]]);
  tx.incrBy("games");
});
const [[best]] = await store.zrangeWithScores("scores", -1, -1);
console.log(new TextDecoder().decode(best), "leads after", await store.incrBy("games", 0), "games");
