import { pipeline, transaction } from "../commands/batch.ts";
import type { Argument } from "../commands/command.ts";
import { type Reply, ReplyError } from "../commands/reply.ts";
import { execute } from "../commands/table.ts";
import type { StorageEngine } from "../engine.ts";
import { HEADERS, json, statusOf, TooLong } from "./answers.ts";
import type { Access } from "./auth.ts";
import type { CheckedOptions } from "./check_options.ts";
import { type Encoding, toJson } from "./json.ts";
import { toResp2 } from "./resp2.ts";

const RESP2_HEADERS = { ...HEADERS, "Content-Type": "application/octet-stream" };

/** Runs what a request asks for, and answers in the form that it wants. */
export class Call {
  readonly #store: StorageEngine;
  readonly #options: CheckedOptions;
  readonly #readOnly: boolean;
  readonly #isResp2: boolean;
  readonly #encoding: Encoding;

  constructor(store: StorageEngine, options: CheckedOptions, access: Access, headers: Headers) {
    this.#store = store;
    this.#options = options;
    this.#readOnly = access === "read-only";
    const format = headers.get("upstash-response-format")?.toLowerCase() ?? "json";
    this.#encoding = headers.get("upstash-encoding")?.toLowerCase() === "base64" ? "base64" : "text";
    this.#isResp2 = format === "resp2";
    if (format !== "json" && format !== "resp2") {
      throw new ReplyError("ERR unknown Upstash-Response-Format: there are json and resp2");
    }
    if (this.#isResp2 && this.#encoding === "base64") {
      throw new ReplyError("ERR Upstash-Encoding base64 is for the response format json");
    }
  }

  async command(args: readonly Argument[]): Promise<Response> {
    const reply = await execute(this.#store, args, { readOnly: this.#readOnly });
    this.#note(reply);
    const status = reply instanceof ReplyError ? statusOf(reply) : 200;
    if (this.#isResp2) return new Response(toResp2([reply]), { status, headers: RESP2_HEADERS });
    return json(status, toJson(reply, this.#encoding));
  }

  async pipeline(commands: readonly (readonly Argument[])[]): Promise<Response> {
    this.#checkLength(commands.length);
    const { overlapPipelines: overlaps } = this.#options;
    const replies = await pipeline(this.#store, commands, { readOnly: this.#readOnly, overlaps });
    for (const reply of replies) this.#note(reply);
    return this.#isResp2 ? new Response(toResp2(replies), { headers: RESP2_HEADERS }) : this.#list(replies);
  }

  /** Always in JSON. */
  async transaction(commands: readonly (readonly Argument[])[]): Promise<Response> {
    this.#checkLength(commands.length);
    try {
      return this.#list(await transaction(this.#store, commands, { readOnly: this.#readOnly }));
    } catch (error) {
      if (error instanceof ReplyError) this.#note(error);
      throw error;
    }
  }

  #list(replies: readonly Reply[]): Response {
    return json(200, `[${replies.map((reply) => toJson(reply, this.#encoding)).join()}]`);
  }

  #checkLength(length: number): void {
    const { maxPipelineLength: limit } = this.#options;
    if (length > limit) throw new TooLong(`ERR max pipeline length exceeded. Limit: ${limit}, Actual: ${length}`);
  }

  /** Tells whoever runs the server what the client is not told. */
  #note(reply: Reply): void {
    if (reply instanceof ReplyError && reply.cause !== undefined) this.#options.onError(reply.cause);
  }
}
