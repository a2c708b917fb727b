import type { Capabilities } from "@ferrite/storage";

/** What each backend must be able to do: a manifest that says no cannot pass. */
export const MEMORY: Capabilities = {
  sync: true,
  lists: true,
  hashes: true,
  sets: true,
  sortedSets: true,
  transactions: true,
  persistence: true,
};

/** Object storage can neither answer at once nor write several objects at once. */
export const CLOUD: Capabilities = {
  sync: false,
  lists: true,
  hashes: true,
  sets: true,
  sortedSets: true,
  transactions: false,
  persistence: false,
};

export const HYBRIDLOG: Capabilities = {
  sync: true,
  lists: true,
  hashes: true,
  sets: true,
  sortedSets: true,
  transactions: true,
  persistence: true,
};
