import { type Check, checksOf, type ConformanceOptions } from "./check.ts";
import { checkCollections } from "./collections.ts";
import { checkCounters } from "./counters.ts";
import { checkElementScans } from "./element_scans.ts";
import { checkExpiry } from "./expiry.ts";
import { checkHashes } from "./hashes.ts";
import { checkKeys } from "./keys.ts";
import { checkLists } from "./lists.ts";
import { checkNames } from "./names.ts";
import { checkPersistence } from "./persistence.ts";
import { checkSets } from "./sets.ts";
import { checkSeveralKeys } from "./several_keys.ts";
import { checkSortedSetCombinations } from "./sorted_set_combinations.ts";
import { checkSortedSetRanges } from "./sorted_set_ranges.ts";
import { checkSortedSets } from "./sorted_sets.ts";
import { checkStore } from "./store.ts";
import { checkStringBatches } from "./string_batches.ts";
import { checkStringParts } from "./string_parts.ts";
import { checkStrings } from "./strings.ts";
import { checkTransactions } from "./transactions.ts";
import { checkUpdates } from "./updates.ts";
import { checkWrongArguments } from "./wrong_arguments.ts";
import { checkWrongTypes } from "./wrong_types.ts";

/**
 * Makes a test of everything that a store with these capabilities must do: on the store itself and, if it has that,
 * once more on `store.sync`.
 */
export function conformance(options: ConformanceOptions): void {
  const check = checksOf(options, "store");
  checkStore(check);
  checkFace(check);
  if (options.capabilities.sync) checkFace(checksOf(options, "sync"));
  if (options.capabilities.persistence) checkPersistence(check);
}

/** What both faces of a store must do. */
function checkFace(check: Check): void {
  const { lists, hashes, sets, sortedSets, transactions } = check.capabilities;
  checkStrings(check);
  checkStringBatches(check);
  checkStringParts(check);
  checkUpdates(check);
  checkCounters(check);
  checkExpiry(check);
  checkKeys(check);
  checkNames(check);
  checkWrongArguments(check);
  checkWrongTypes(check);
  checkCollections(check);
  if (lists) checkLists(check);
  if (hashes) checkHashes(check);
  if (sets) checkSets(check);
  if (sortedSets) {
    checkSortedSets(check);
    checkSortedSetRanges(check);
    checkSortedSetCombinations(check);
  }
  checkElementScans(check);
  if (transactions) checkTransactions(check);
  else checkSeveralKeys(check);
}
