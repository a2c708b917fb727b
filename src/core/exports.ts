/** The calls and globals that wasm/core.ts exports. Pointers are 32-bit and come signed. */
export interface CoreExports {
  readonly memory: WebAssembly.Memory;
  readonly scratch: WebAssembly.Global<"i32">;
  readonly found: WebAssembly.Global<"i32">;
  readonly figures: WebAssembly.Global<"i32">;
  readonly gathered: WebAssembly.Global<"i32">;
  readonly scanned: WebAssembly.Global<"i32">;
  readonly blockRecords: WebAssembly.Global<"i32">;
  readonly numbers: WebAssembly.Global<"i32">;
  readonly score: WebAssembly.Global<"i32">;
  readonly missing: WebAssembly.Global<"i32">;
  readonly missingCount: WebAssembly.Global<"i32">;
  readonly references: WebAssembly.Global<"i32">;
  readonly framesWanted: WebAssembly.Global<"i32">;
  readonly bytesWanted: WebAssembly.Global<"f64">;
  readonly mayExpire: WebAssembly.Global<"i32">;
  readonly accounts: WebAssembly.Global<"i32">;
  readonly sealBench: WebAssembly.Global<"i32">;
  readonly loadBench: WebAssembly.Global<"i32">;
  readonly coldKey: WebAssembly.Global<"i32">;
  readonly coldKeyLength: WebAssembly.Global<"i32">;
  readonly coldAt: WebAssembly.Global<"f64">;
  readonly nodeId: WebAssembly.Global<"i32">;
  readonly unverified: WebAssembly.Global<"f64">;
  readonly mutableHits: WebAssembly.Global<"f64">;
  readonly readOnlyHits: WebAssembly.Global<"f64">;
  readonly cacheHits: WebAssembly.Global<"f64">;
  readonly cachedRecords: WebAssembly.Global<"i32">;
  readonly cacheFrames: WebAssembly.Global<"i32">;
  readonly logPages: WebAssembly.Global<"i32">;
  readonly indexFrames: WebAssembly.Global<"i32">;
  readonly buckets: WebAssembly.Global<"i32">;
  readonly listed: WebAssembly.Global<"i32">;
  readonly walkBench: WebAssembly.Global<"i32">;
  readonly replayed: WebAssembly.Global<"f64">;
  controlBytes(frames: number, segments: number): number;
  provideFrames(frames: number): void;
  limitFrames(): void;
  open(
    frameBits: number,
    maxFrames: number,
    frames: number,
    firstPage: number,
    tracksReads: boolean,
    segments: number,
  ): number;
  find(keyLength: number): number;
  peek(keyLength: number): number;
  findNode(): number;
  findBatch(count: number): void;
  gather(first: number, end: number, roomBytes: number, now: number): number;
  has(keyLength: number, now: number): number;
  upsert(keyLength: number, valueLength: number, mode: number, expiry: number, now: number): number;
  append(keyLength: number, suffixLength: number, now: number): number;
  increment(keyLength: number, low: number, high: number, isNumber: boolean, now: number): number;
  setExpiryOf(keyLength: number, expiry: number, now: number): number;
  remove(keyLength: number, now: number): number;
  rename(keyLength: number, newLength: number, mode: number, now: number): number;
  scan(bucket: number, count: number): number;
  takeObject(): number;
  skipObjects(last: number): void;
  needsCare(): number;
  count(keyLength: number, kind: number, now: number): number;
  isSmall(keyLength: number, kind: number, now: number): number;
  collect(
    keyLength: number,
    kind: number,
    tree: number,
    from: number,
    count: number,
    what: number,
    roomBytes: number,
    now: number,
  ): number;
  collectedBytes(): number;
  rankOfHash(keyLength: number, kind: number, hash: number, now: number): number;
  listInsert(keyLength: number, position: number, valueLength: number, mode: number, now: number): number;
  listGet(keyLength: number, index: number, now: number): number;
  listSet(keyLength: number, position: number, valueLength: number, now: number): number;
  listTake(keyLength: number, first: boolean, now: number): number;
  listRemove(keyLength: number, position: number, count: number, now: number): number;
  fieldGet(keyLength: number, fieldLength: number, now: number): number;
  fieldLength(keyLength: number, fieldLength: number, now: number): number;
  fieldHas(keyLength: number, fieldLength: number, kind: number, now: number): number;
  fieldSet(
    keyLength: number,
    fieldLength: number,
    valueLength: number,
    kind: number,
    mode: number,
    now: number,
  ): number;
  fieldRemove(keyLength: number, fieldLength: number, kind: number, now: number): number;
  fieldIncrement(
    keyLength: number,
    fieldLength: number,
    low: number,
    high: number,
    isNumber: boolean,
    now: number,
  ): number;
  scoreGet(keyLength: number, memberLength: number, now: number): number;
  scoreSet(keyLength: number, memberLength: number, score: number, mode: number, now: number): number;
  scoreRemove(keyLength: number, memberLength: number, now: number): number;
  rank(keyLength: number, memberLength: number, now: number): number;
  rankOfScore(keyLength: number, score: number, orEqual: boolean, now: number): number;
  rankOfMember(keyLength: number, memberLength: number, orEqual: boolean, now: number): number;
  isReclaiming(): number;
  reclaim(budget: number): number;
  beginTransaction(): void;
  commitTransaction(): void;
  rollbackTransaction(): void;
  beginChanges(): void;
  nextWritten(): number;
  nextReplaced(): number;
  forget(keyLength: number, isNode: boolean): void;
  exportRecord(record: number): number;
  listReferences(): number;
  isRecordIntact(): number;
  sealRecord(): void;
  recycle(budgetBytes: number, now: number, evictAboveBytes: number): number;
  sweepExpired(wantedBytes: number, now: number): void;
  fits(bytes: number): number;
  areFramesLow(): number;
  liveShare(): number;
  limitBytes(): number;
  availableFrames(): number;
  readStats(): void;
  beginSnapshot(): void;
  nextBlock(): number;
  isSnapshotDone(): number;
  endSnapshot(): void;
  loadBlock(length: number, continues: boolean): number;
  hashBytes(start: number, length: number): bigint;
  // A log that goes on in files. Addresses are in units of 8 bytes.
  openTiers(segmentBits: number, first: number, indexFrames: number, now: number): number;
  startAt(page: number, epoch: number): number;
  beginAddress(): number;
  goneOverAddress(): number;
  headAddress(): number;
  readOnlyAddress(): number;
  tailAddress(): number;
  moveBegin(address: number): void;
  clearAccount(address: number): void;
  beginRecount(address: number): void;
  limitLog(bytes: number): void;
  isLogFull(): number;
  endRecount(isEmpty: boolean): void;
  clearAll(): void;
  noteAllRows(): void;
  coldAddress(keyLength: number): number;
  hidesOthers(): number;
  mustRead(): number;
  isIndexFull(): number;
  coldNode(low: number, high: number): number;
  loadedBytes(length: number): number;
  isLoaded(address: number, epoch: number, length: number): number;
  cacheLoaded(address: number): number;
  takeLoaded(address: number, epoch: number, length: number, keyLength: number): number;
  recordAt(address: number): number;
  prevAddress(record: number): number;
  promote(key: number, keyLength: number): number;
  isTombstone(record: number): number;
  hasLoadedKey(key: number, keyLength: number, isNode: boolean): number;
  adopt(
    record: number,
    address: number,
    key: number,
    keyLength: number,
    isNode: boolean,
  ): void;
  emptyCacheFrame(sparedBytes: number): number;
  canDropPage(writtenUntil: number): number;
  dropPage(keepsRead: boolean): void;
  endPage(): number;
  endCacheFrame(): void;
  freeze(mutableBytes: number): void;
  mutableBytes(): number;
  sealSome(): number;
  firstSealed(): number;
  sealedUntil(): number;
  framesToCommit(): number;
  writeCommit(durableUntil: number, now: number): number;
  writeClear(): number;
  beginReplay(): void;
  replay(from: number, until: number, length: number, epoch: number, mode: number): number;
  brokenAt(): number;
  brokenUntil(): number;
  nextIntact(from: number, length: number, epoch: number): number;
  replayedUntil(): number;
  lastCommit(): number;
  lastDurable(): number;
  saveBuckets(bucket: number): number;
  savedBucketBytes(): number;
  prepareBuckets(count: number): number;
  loadBuckets(bucket: number, count: number, length: number): number;
  list(
    from: number,
    until: number,
    bytes: number,
    length: number,
    epoch: number,
    count: number,
    verdict: number,
  ): number;
  moveLivePage(
    from: number,
    until: number,
    bytes: number,
    length: number,
    epoch: number,
    budgetBytes: number,
    verdict: number,
    now: number,
  ): number;
  boundaryFrom(address: number): number;
  walkedUntil(): number;
  walkedRecord(): number;
  listEntries(bucket: number, since: number, count: number): number;
  undecidedAt(): number;
  checksum(start: number, length: number): number;
}
