import { compileText } from "./carried.ts";
import { EDGE_TEXT } from "./edge.wasm.ts";

let compiled: WebAssembly.Module | undefined;

/** The part of the core that the cloud store needs, compiled from the bytes this package carries, once and when it is first needed. */
export function edgeModule(): WebAssembly.Module {
  return compiled ??= compileText(EDGE_TEXT);
}
