import { compileBase64 } from "./base64.ts";
import { CORE_BASE64 } from "./core.wasm.ts";

let compiled: WebAssembly.Module | undefined;

/** The core, compiled from the bytes this package carries, once and when it is first needed. */
export function defaultModule(): WebAssembly.Module {
  return compiled ??= compileBase64(CORE_BASE64);
}
