import { connect, type Socket } from "node:net";
import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import { sleep } from "./support/bytes.ts";
import { test } from "./support/harness.ts";
import { TOKEN } from "./support/http/client.ts";
import { Child, type Runtime } from "./support/processes.ts";

const CONNECTIONS = Number(process.env.FERRITE_CONNECTIONS ?? 2000);
const ROUNDS = 3;
const WAIT_MS = 20_000;
const RUNTIME: Runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";

const head = (method: string, path: string, more: string) =>
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n${more}`;

/** What slow clients send, and then no more. */
const BEGINNINGS = [
  "",
  "GE",
  head("GET", "/get/k", "X-Slow: "),
  head("POST", "/set/slow", "Content-Length: 1000\r\n\r\nfew bytes"),
  head("POST", "/pipeline", 'Transfer-Encoding: chunked\r\n\r\n5\r\n[["ge\r\n'),
  // Nobody that it knows.
  "POST /set/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nfew bytes",
];

function open(port: number, beginning: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(beginning);
      socket.on("error", () => {}); // a server may close what does not go on
      resolve(socket);
    });
    socket.once("error", reject);
    socket.resume();
  });
}

interface State {
  underWay: number;
  usedBytes: number;
  errors: number;
}

async function stateOf(child: Child): Promise<State> {
  child.say("");
  return JSON.parse(await child.line());
}

async function ask(port: number, path: string): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } });
  return (await response.json()).result;
}

test(`${CONNECTIONS} clients that do not go on keep no other waiting, and leave nothing behind`, async () => {
  const child = new Child(RUNTIME, "http/server_child.ts");
  try {
    const port = Number(await child.line());
    const usedBytes: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const sockets: Socket[] = [];
      for (let i = 0; i < CONNECTIONS; i++) sockets.push(await open(port, BEGINNINGS[i % BEGINNINGS.length]));
      for (let i = 0; i < 100; i++) {
        assertEquals(await ask(port, `/set/k${i}/${round}`), "OK");
        assertEquals(await ask(port, `/get/k${i}`), String(round));
      }
      // Some go on, a byte at a time.
      for (const socket of sockets) if (!socket.destroyed) socket.write("x");
      assertEquals(await ask(port, "/ping"), "PONG");
      for (const socket of sockets) socket.destroy();
      const end = Date.now() + WAIT_MS;
      while ((await stateOf(child)).underWay > 0 && Date.now() < end) await sleep(50);
      const state = await stateOf(child);
      assertEquals([state.underWay, state.errors], [0, 0]);
      assertEquals(await ask(port, "/exists/slow"), 0);
      usedBytes.push(state.usedBytes);
    }
    const grownBytes = usedBytes[ROUNDS - 1] - usedBytes[0];
    assert(grownBytes < 2_000_000 + CONNECTIONS * ROUNDS * 100, `memory grew by ${grownBytes} bytes`);
  } finally {
    await child.end();
  }
});
