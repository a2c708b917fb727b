import { FOLLOWED } from "./race.ts";
import type { CollectionsResults, Row } from "./results.ts";
import { type Group, GROUPS, type Workload, WORKLOADS } from "./workloads.ts";

/** What a call takes in a small collection and in a large one, in nanoseconds. */
export interface Growth {
  workload: Workload;
  group: Group;
  ferrite: Cost | null;
  /** Through the client, where the way there and back hides most of it. */
  redis: Cost | null;
  /** Within the server, by its own account. */
  redisServer: Cost | null;
}

export interface Cost {
  from: number;
  to: number;
}

export function ratioOf(cost: Cost | null): number | null {
  return cost === null ? null : cost.to / cost.from;
}

export function growthOf({ rows, plan }: CollectionsResults): Growth[] {
  const [ferrite, redis] = FOLLOWED.map(({ contender, isAsync }) =>
    rows.filter((row) => row.label === contender && row.isAsync === isAsync)
  );
  return GROUPS.filter((group) => group !== "small").flatMap((group) =>
    WORKLOADS[group].map((workload) => ({
      workload,
      group,
      ferrite: cost(ferrite, group, (row) => nsPerCall(row.figures[workload]?.median)),
      redis: cost(redis, group, (row) => nsPerCall(row.figures[workload]?.median)),
      redisServer: cost(redis, group, (row) => row.figures[workload]?.serverNs),
    }))
  );

  function cost(followed: Row[], group: Group, ns: (row: Row) => number | undefined): Cost | null {
    const [from, to] = plan.growth.map((size) => {
      const row = followed.find((row) => row.group === group && row.size === size);
      return row && ns(row);
    });
    return from === undefined || to === undefined ? null : { from, to };
  }
}

function nsPerCall(rate: number | undefined): number | undefined {
  return rate && 1e9 / rate;
}
