import type { Argument } from "./command.ts";
import { wordOf } from "./parse.ts";
import type { Reply } from "./reply.ts";
import type { Target } from "./target.ts";

/** Clients ask for it to know which commands there are, and how they answer. */
const REDIS_VERSION = "7.0.15";
const ALL: ReadonlySet<string> = new Set(["all", "default", "everything"]);

/** Figures of the store, in sections that arguments can choose. */
export function info(on: Target, args: readonly Argument[]): Reply {
  const wanted = args.map(wordOf);
  const isWanted = (section: string) =>
    wanted.length === 0 || wanted.some((word) => ALL.has(word) || word === section.toLowerCase());
  return Object.entries(sections(on)).filter(([section]) => isWanted(section)).map(([section, figures]) => {
    const lines = Object.entries(figures).map(([name, figure]) => `${name}:${figure}\r\n`);
    return `# ${section}\r\n${lines.join("")}`;
  }).join("\r\n");
}

function sections({ store }: Target): Record<string, Record<string, string | number>> {
  const stats = store.stats();
  return {
    Server: { redis_version: REDIS_VERSION, redis_mode: "standalone", ferrite_backend: stats.backend },
    Memory: {
      used_memory: stats.memoryBytes,
      maxmemory: stats.maxBytes,
      ferrite_live_bytes: stats.liveBytes,
      ferrite_garbage_bytes: stats.garbageBytes,
      ferrite_index_bytes: stats.indexBytes,
    },
    Stats: {
      keyspace_hits: stats.hits,
      keyspace_misses: stats.misses,
      expired_keys: stats.expirations,
      evicted_keys: stats.evictions,
    },
    Keyspace: stats.keys === 0 ? {} : { db0: `keys=${stats.keys}` },
  };
}
