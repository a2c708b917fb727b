import { compileText } from "./carried.ts";
import { CORE_TEXT } from "./core.wasm.ts";

let compiled: WebAssembly.Module | undefined;

/** The core, compiled from the bytes this package carries, once and when it is first needed. */
export function defaultModule(): WebAssembly.Module {
  return compiled ??= compileText(CORE_TEXT);
}
