import { type Command, command } from "./command.ts";
import { RENAMED, ttl } from "./commands/keys.ts";
import type { Draw } from "./draw.ts";
import { TRUTH, WRITTEN } from "./reply.ts";
import type { Step } from "./run.ts";

const TTL_MS = 60;
/** Time enough for both sides to have set an expiry, and little enough for none to have come. */
const WITHIN_MS = 40;

/** Has keys expire while others get what they hold, and waits until all have expired. */
export function expiring(draw: Draw, commands: number): Step[] {
  const steps = Array.from({ length: commands }, (): Step => ({ ...soon(draw), family: "expiry" }));
  return [{ pauseMs: 0, withinMs: Infinity }, ...steps, { pauseMs: 2 * TTL_MS, withinMs: WITHIN_MS }];
}

function soon(draw: Draw): Command {
  const group = draw.group();
  const [key, other] = [draw.pick(group), draw.pick(group)];
  const keys = { keys: [key, other] };
  switch (draw.below(8)) {
    case 0:
      return command("set", [key, "v", { ttl: TTL_MS }], ["SET", key, "v", "PX", TTL_MS], WRITTEN);
    case 1:
      return command("rename", [key, other], ["RENAME", key, other], RENAMED, keys);
    case 2:
      if (key === other) return ttl(key);
      return command("copy", [key, other, { replace: true }], ["COPY", key, other, "REPLACE"], TRUTH, keys);
    case 3:
      return command("persist", [key], ["PERSIST", key], TRUTH);
    default:
      return command("expire", [key, TTL_MS], ["PEXPIRE", key, TTL_MS], TRUTH);
  }
}
