import { spawn, spawnSync } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { inDirectory } from "../support/directory.ts";

const PROGRAMS = ["chromium", "google-chrome", "chromium-browser"];
const PATIENCE_MS = 60_000;
/** What a page needs that has a policy: it compiles WebAssembly, and speaks to the bucket. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' http://127.0.0.1:*";
const HTML = `<!doctype html><script type="module" src="/page.js"></script>`;

/** A page of one script, which reads its task behind the `#` of its address and posts what comes of it to `/report`. */
export class Page implements AsyncDisposable {
  readonly origin: string;
  readonly #server: ReturnType<typeof createServer>;
  readonly #report: Promise<string>;

  private constructor(server: ReturnType<typeof createServer>, report: Promise<string>) {
    this.#server = server;
    this.#report = report;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async serve(script: string): Promise<Page> {
    const server = createServer();
    const report = new Promise<string>((resolve) => {
      server.on("request", async (request, response) => {
        const [type, body] = request.url === "/page.js" ? ["text/javascript", script] : ["text/html", HTML];
        response.writeHead(200, { "content-type": type, "content-security-policy": POLICY });
        if (request.method === "POST") resolve(await textOf(request));
        response.end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Page(server, report);
  }

  /** Opens the page in a headless Chromium. */
  async open<T>(task: unknown): Promise<T> {
    let report: string;
    await inDirectory(async (path) => {
      report = await this.#openIn(path("profile"), `${this.origin}/#${encodeURIComponent(JSON.stringify(task))}`);
    });
    return JSON.parse(report!) as T;
  }

  async #openIn(profile: string, url: string): Promise<string> {
    const root = process.getuid?.() === 0 ? ["--no-sandbox"] : []; // Chromium does not start as root with it
    const args = ["--headless", ...root, "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
    args.push("--disable-background-networking", "--enable-logging=stderr", `--user-data-dir=${profile}`, url);
    const browser = spawn(requireProgram(), args, { stdio: ["ignore", "ignore", "pipe"], detached: true });
    const ended = new Promise<never>((_, reject) => {
      browser.on("error", reject);
      browser.on("exit", (code, signal) => reject(new Error(`Chromium has ended: ${code ?? signal}\n${said}`)));
    });
    let said = "";
    browser.stderr.setEncoding("utf8").on("data", (text) => said += text);
    let timer: ReturnType<typeof setTimeout>;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the page has not reported in time\n${said}`)), PATIENCE_MS);
    });
    try {
      return await Promise.race([this.#report, ended, late]);
    } finally {
      clearTimeout(timer!);
      // It has processes of its own, which are in its group.
      if (browser.pid !== undefined && browser.exitCode === null) process.kill(-browser.pid, "SIGKILL");
      await ended.catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}

function requireProgram(): string {
  const program = findProgram() ?? installProgram();
  if (program !== undefined) return program;
  throw new Error("there is no Chromium: install it, on Debian with `apt-get install chromium` as root");
}

function findProgram(): string | undefined {
  return PROGRAMS.find((name) => spawnSync(name, ["--version"]).status === 0);
}

function installProgram(): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
  spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { stdio: "ignore" });
  return findProgram();
}
