/**
 * Wrappers: stores that do what another one does, and something beside it. They have its type, all its methods and capabilities,
 * and can be put into each other in any order. Closing one closes what is in it.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@ferrite/storage";
 * import { withNamespace, withReadOnly } from "@ferrite/storage/middleware";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemoryStore();
 * await store.rpush("ada:cart", ["tea"]);
 * const cart = withReadOnly(withNamespace(store, "ada:"));
 * assertEquals(await cart.llen("cart"), 1);
 * ```
 *
 * @module
 */
export { type CacheOptions, withCache } from "./cache/mod.ts";
export type { Codec } from "./codec/codec.ts";
export { json, text, withCodec } from "./codec/mod.ts";
export type {
  ChangeOf,
  KeyScan,
  SyncHashView,
  SyncValueOps,
  SyncView,
  SyncViewTransactionOps,
  TransactionView,
  ValueOps,
  View,
  ViewTransactionOps,
} from "./codec/view.ts";
export { withNamespace } from "./namespace.ts";
export { withReadOnly } from "./read_only.ts";
export type { Kind } from "./shapes.ts";
export { type Call, type Interceptor, type Operation, wrap } from "./wrap.ts";
