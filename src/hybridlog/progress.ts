import { pause } from "../runtime/pause.ts";

/** Is told how far something long has come. */
export type OnProgress = (progress: { phase: string; done: number; total: number }) => void;

/** At least so long work goes on before others get their turn. */
const SLICE_MS = 1;

/** Tells how far something long has come, and lets other work run in between. Reports are in bytes or records. */
export class Progress {
  readonly #phase: string;
  readonly #onProgress: OnProgress | undefined;
  #sliceStart: number = performance.now();

  constructor(phase: string, onProgress?: OnProgress) {
    this.#phase = phase;
    this.#onProgress = onProgress;
  }

  /** Whether the next report will pause. */
  get isSliceOver(): boolean {
    return performance.now() - this.#sliceStart >= SLICE_MS;
  }

  /** So much is done. Tells so and pauses if the slice is over; that all is done, it tells always. */
  async report(done: number, total: number): Promise<void> {
    const { isSliceOver } = this;
    if (isSliceOver || done === total) this.#onProgress?.({ phase: this.#phase, done, total });
    if (!isSliceOver) return;
    await pause();
    this.#sliceStart = performance.now();
  }
}
