import { openAws4fetch } from "./aws4fetch.ts";
import type { CloudContender, Place } from "./contender.ts";
import { openFerrite } from "./ferrite.ts";

export type { CloudContender, CloudEffort, CloudRead, Place } from "./contender.ts";

/** By the names under which they are shown. */
export const CONTENDERS: Readonly<Record<string, (place: Place) => Promise<CloudContender>>> = {
  "ferrite": openFerrite,
  "aws4fetch": (place) => openAws4fetch(place, "unsigned"),
  "aws4fetch, bodies signed": (place) => openAws4fetch(place, "signed"),
};
