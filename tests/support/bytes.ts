export * from "../../src/conformance/bytes.ts";
