import { connect, type Socket } from "node:net";
import { toBytes } from "../../../src/arguments.ts";
import type { Argument } from "../../../src/commands/command.ts";
import { NO_ARRAY, type Reply, ReplyError, Status } from "../../../src/commands/reply.ts";

const CR_LF = Buffer.from("\r\n");

/** A connection to a Redis that keeps apart all that RESP keeps apart, which clients do not. */
export class Connection {
  readonly #socket: Socket;
  readonly #waiting: ((reply: Reply) => void)[] = [];
  #received: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (data) => this.#take(data as Buffer));
  }

  static open(path: string): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(new Connection(socket)));
      socket.once("error", reject);
    });
  }

  /** Sends commands in one go, and resolves to their replies. */
  ask(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    const replies = commands.map(() => new Promise<Reply>((resolve) => this.#waiting.push(resolve)));
    this.#socket.write(Buffer.concat(commands.map(encode)));
    return Promise.all(replies);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    let at = 0;
    while (at < this.#received.length) {
      const found = decode(this.#received, at);
      if (found === null) break;
      at = found.end;
      this.#waiting.shift()!(found.reply);
    }
    this.#received = this.#received.subarray(at);
  }
}

function encode(args: readonly Argument[]): Buffer {
  const parts = args.map(toBytes).flatMap((bytes) => [Buffer.from(`$${bytes.length}\r\n`), bytes, CR_LF]);
  return Buffer.concat([Buffer.from(`*${args.length}\r\n`), ...parts]);
}

/** The reply that begins here, and where it ends; `null` where that has not arrived. */
function decode(data: Buffer, at: number): { reply: Reply; end: number } | null {
  const lineEnd = data.indexOf(CR_LF, at);
  if (lineEnd < 0) return null;
  const kind = String.fromCharCode(data[at]);
  const line = data.toString("utf8", at + 1, lineEnd);
  let end = lineEnd + 2;
  if (kind === "+") return { reply: new Status(line), end };
  if (kind === "-") return { reply: new ReplyError(line), end };
  if (kind === ":") return { reply: BigInt(line), end };
  const length = Number(line);
  if (length < 0) return { reply: kind === "*" ? NO_ARRAY : null, end };
  if (kind === "$") {
    const next = end + length + 2;
    return data.length < next ? null : { reply: Uint8Array.from(data.subarray(end, end + length)), end: next };
  }
  const items: Reply[] = [];
  for (let i = 0; i < length; i++) {
    const item = decode(data, end);
    if (item === null) return null;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: items, end };
}
