// `npm run test:oracle`: the data types, and the commands over them, beside a real Redis. The last line sums it all up.
import { finish, suite, take } from "./steps.mjs";

const beside = (name, file) =>
  suite(name, /^(\d+) passed/gm, /, (\d+) failed$/gm, [process.execPath, "--import", "tsx", file]);

await take(beside("data types beside Redis", "tests/oracle/main.ts"));
await take(beside("commands beside Redis", "tests/oracle/wire/main.ts"));
finish();
