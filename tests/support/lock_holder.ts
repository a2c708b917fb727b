import process from "node:process";
import { requireFileSystem } from "../../src/runtime/detect.ts";

// A process that locks the directory it is given and says what came of it, one line. It waits for a line before it
// starts, and keeps the lock until its input ends; then it releases it, or just exits, as the next argument says.

const [directory, ending] = process.argv.slice(2);
const input = process.stdin[Symbol.asyncIterator]();
console.log("ready");
await input.next();
try {
  const lock = await requireFileSystem("test").lock(directory);
  console.log("held");
  await input.next();
  if (ending === "release") await lock.release();
} catch (error) {
  console.log(`${(error as { code?: string }).code}: ${(error as Error).message}`);
  await input.next();
}
process.exit(0);
