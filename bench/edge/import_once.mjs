// Says how long the import of a module takes that this process knows nothing of. Plain JavaScript, so that nothing has been translated before.
const [module] = globalThis.Deno?.args ?? process.argv.slice(2);
const start = performance.now();
await import(module.startsWith("/") ? `file://${module}` : module);
console.log(performance.now() - start);
