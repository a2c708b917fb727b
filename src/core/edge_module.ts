import { compileBase64 } from "./base64.ts";
import { EDGE_BASE64 } from "./edge.wasm.ts";

let compiled: WebAssembly.Module | undefined;

/** The part of the core that the cloud store needs, compiled from the bytes this package carries, once and when it is first needed. */
export function edgeModule(): WebAssembly.Module {
  return compiled ??= compileBase64(EDGE_BASE64);
}
