import { StorageError } from "@ferrite/storage";

/** What became of a call. */
export type Outcome = "acknowledged" | "unknown" | "failed";

/** What an error says became of a call; throws where it is none that a bad connection makes. */
export function outcomeIn(error: unknown): Outcome {
  if (!(error instanceof StorageError)) throw error;
  if (error.outcome === "unknown") return "unknown";
  if (error.code === "UNAVAILABLE" || error.code === "CONFLICT") return "failed";
  throw error;
}

export async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    await call;
    return "acknowledged";
  } catch (error) {
    return outcomeIn(error);
  }
}
