import { type Command, InvalidArgumentError } from "commander";
import { loadConfig, type StorageConfig } from "../config.ts";
import { quote, StorageError } from "../errors.ts";

/** Options before the name of a command. */
export interface Options {
  readonly config: string;
  readonly json: boolean;
}

/** The configuration that was asked for. `CONFIG` if it is for another backend than `backend`. */
export async function configOf(program: Command, backend?: StorageConfig["backend"]): Promise<StorageConfig> {
  const { config: path } = program.opts<Options>();
  const config = await loadConfig(path);
  if (backend === undefined || config.backend === backend) return config;
  throw new StorageError(
    "CONFIG",
    `Cannot use ${quote(path)}: its backend is ${config.backend}, and this is for ${backend}`,
  );
}

/** A number of more than 0. */
export function toNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && number > 0) return number;
  throw new InvalidArgumentError("expected a number of more than 0.");
}

/** A whole number of more than 0. */
export function toCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count > 0) return count;
  throw new InvalidArgumentError("expected a whole number of more than 0.");
}
