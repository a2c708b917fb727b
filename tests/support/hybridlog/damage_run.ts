import { HybridLogStore } from "@ferrite/storage";
import { FaultyFiles } from "../faulty_files.ts";
import { Random } from "../random.ts";
import { type RepairedLog, tryCompaction, tryOpening, tryRepair } from "./damage_trials.ts";
import { type Damage, damageBit, damageSector, WholeLog } from "./damaged_log.ts";
import { KEYS, MATES } from "./draw_deeds.ts";
import { History } from "./history.ts";
import { Session } from "./session.ts";
import { drawSetting, openSmall, QUIET } from "./small_store.ts";
import { drawSteps, UPKEEP } from "./steps.ts";
import { World } from "./world.ts";

/** How often a log is damaged. */
const TRIALS = 12;
const SIZES = { mutableSize: "2MB", readonlySize: "8MB", segmentSize: "1MB" } as const;

/**
 * Makes a log in which everything has happened, and damages copies of it at random places. It has been closed, or its process was
 * killed after a commit. The seed decides all of it.
 */
export async function damageRun(seed: number): Promise<void> {
  try {
    using world = new World();
    const random = new Random(seed);
    const whole = await writeLog(random, seed, world);
    for (let i = 0; i < TRIALS; i++) await tryOne(whole, drawDamages(random, whole), random, world);
  } catch (error) {
    throw new Error(`damage run of seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
}

async function writeLog(random: Random, seed: number, world: World): Promise<WholeLog> {
  const files = new FaultyFiles({ seed, mapsDirectly: random.below(2) === 0 });
  const setting = drawSetting(random);
  const session = new Session(files, setting, new History(world), world, await openSmall(files, setting));
  const count = 20 + random.below(100);
  const weight = random.pick(["light", "heavy"] as const);
  const keys = random.pick([KEYS, PLAIN_KEYS, MATES]);
  const upkeep = random.pick([UPKEEP, ["commit", "dropAll", "saveIndex", "reopen"] as const]);
  await session.play(drawSteps(random, { count, weight, keys, upkeep }));
  await session.store.commit();
  const killed = files.killed();
  await session.close();
  world.forgetIntervals();
  const isClosed = random.below(2) === 0;
  const left = { files: isClosed ? files : killed, directory: "data", content: session.history.states.at(-1)! };
  return isClosed ? new WholeLog(left, world.now) : await WholeLog.ofKilled(left, world.now);
}

const PLAIN_KEYS = KEYS.filter((key) => !MATES.includes(key));

/** A bit, some bits, or sectors. */
function drawDamages(random: Random, whole: WholeLog): Damage[] {
  const count = random.pick([1, 1, 2, 5, 20]);
  const draw = () => {
    const region = random.pick(whole.settled);
    const damages = random.below(4) === 0 ? damageSector(random, whole, region) : [damageBit(random, region)];
    return damages.filter(({ region }) => whole.settled.includes(region));
  };
  const damages = Array.from({ length: count }, draw).flat();
  // What is flipped twice is whole.
  return [...new Map(damages.map((damage) => [`${damage.region.path} ${damage.position}`, damage])).values()];
}

function tryOne(whole: WholeLog, damages: readonly Damage[], random: Random, world: World): Promise<void> {
  switch (random.below(5)) {
    case 0:
      return tryOpening(whole, damages, false, world);
    case 1:
      return tryOpening(whole, damages, true, world);
    case 2:
      return tryCompaction(whole, damages, world);
    default:
      return tryRepair(whole, damages, world, repair);
  }
}

/** Repairs a log into another directory, and opens that. */
export async function repair(files: FaultyFiles): Promise<RepairedLog> {
  const report = await HybridLogStore.repair("data", { dataDir: "repaired", ...SIZES }, { files });
  const { store } = await openSmall(files, QUIET, "repaired");
  return { report, store };
}
