import type { HttpResponse } from "./http.ts";

/** Servers refuse signatures whose time is a quarter of an hour or more from theirs. */
const TOLERANCE_MS = 300_000;

/** The time as the server has it: a signature with another one is refused. */
export class ServerClock {
  #aheadMs = 0;

  now(): Date {
    return new Date(Date.now() + this.#aheadMs);
  }

  /** After a signature of the time `signedAt` was refused: whether it was the time, which is right from now on. */
  adjust({ status, headers }: HttpResponse, signedAt: Date): boolean {
    const date = Date.parse(headers.get("date") ?? ""); // a browser may not be shown it
    if (status !== 403 || !(Math.abs(date - Number(signedAt)) > TOLERANCE_MS)) return false;
    this.#aheadMs = date - Date.now();
    return true;
  }
}
