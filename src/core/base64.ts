/** Compiles a WebAssembly module that is carried in base64. */
export function compileBase64(text: string): WebAssembly.Module {
  const binary = atob(text);
  return new WebAssembly.Module(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}
