import { assert, assertEquals } from "@std/assert";
import { CloudStore, s3 } from "@ferrite/storage/cloud";
import { test } from "../support/harness.ts";
import { ACCOUNT, BUCKET } from "./account.ts";
import { startS3 } from "./bucket_server.ts";
import { type Site, startOnDeno, startOnWorkerd } from "./sites.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const SITES = { "Deno Deploy": startOnDeno, "Cloudflare Workers": startOnWorkerd };

interface Welcome {
  readonly visits: number;
  readonly best: { readonly name: string; readonly score: number }[];
}

const welcome = async ({ url }: Site): Promise<Welcome> => await (await fetch(url)).json();

function post({ url }: Site, path: string, body: string, cookie: string = ""): Promise<Response> {
  return fetch(new URL(path, url), { method: "POST", body, headers: { cookie } });
}

async function logIn(site: Site, name: string): Promise<string> {
  const answer = await post(site, "/login", name);
  assertEquals([answer.status, await answer.text()], [200, `Welcome, ${name}`]);
  const [cookie] = answer.headers.get("set-cookie")!.split(";");
  assert(/^session=[\w-]{36}$/.test(cookie), cookie);
  return `theme=dark; ${cookie}`;
}

async function score(site: Site, cookie: string, points: number): Promise<number> {
  const answer = await post(site, "/score", String(points), cookie);
  assertEquals(answer.status, 200);
  return (await answer.json()).better;
}

for (const [host, start] of Object.entries(SITES)) {
  test(`the example on ${host} counts each of many visits at a time`, async () => {
    await using server = await startS3();
    await using site = await start(server.endpoint);
    const answers = await Promise.all(Array.from({ length: 20 }, () => welcome(site)));
    const counts = answers.map(({ visits }) => visits).sort((a, b) => a - b);
    assertEquals(counts, Array.from({ length: 20 }, (_, i) => i + 1));
    assertEquals((await welcome(site)).visits, 21);
  });

  test(`the example on ${host} knows players by their sessions, and their best scores`, async () => {
    await using server = await startS3();
    await using site = await start(server.endpoint);
    const [ada, bob] = await Promise.all([logIn(site, "Ada"), logIn(site, "Bob ✓")]);
    assertEquals([await score(site, ada, 100), await score(site, bob, 300), await score(site, ada, 50)], [0, 0, 1]);
    await eventually(async () => {
      const { best } = await welcome(site);
      assertEquals(best, [{ name: "Bob ✓", score: 300 }, { name: "Ada", score: 100 }]);
    });
    const storage = s3({ bucket: BUCKET, endpoint: server.endpoint, credentials: ACCOUNT });
    await using store = new CloudStore({ storage, prefix: "game/" });
    const { keys } = await store.scan({ match: "session:*" });
    assertEquals(keys.length, 2);
    const ttl = await store.ttl(keys[0]);
    assert(ttl !== null && ttl > 0 && ttl <= DAY_MS, `${ttl} ms`);
    await Promise.all(keys.map((key) => store.del(key)));
    await eventually(async () => assertEquals((await post(site, "/score", "400", bob)).status, 401));
  });

  test(`the example on ${host} refuses what makes no sense`, async () => {
    await using server = await startS3();
    await using site = await start(server.endpoint);
    const cookie = await logIn(site, "Ada");
    const answers = await Promise.all([
      fetch(new URL("/other", site.url)),
      post(site, "/login", ""),
      post(site, "/score", "100"),
      post(site, "/score", "100", "session=unknown"),
      post(site, "/score", "a lot", cookie),
    ]);
    assertEquals(await Promise.all(answers.map(async (answer) => (await answer.text(), answer.status))), [
      404,
      400,
      401,
      401,
      400,
    ]);
  });
}

test("a visitor who goes away in the middle of it costs others of the Worker nothing", async () => {
  await using server = await startS3();
  server.delayMs = 100;
  await using site = await startOnWorkerd(server.endpoint);
  assertEquals((await welcome(site)).visits, 1);
  const signal = AbortSignal.timeout(50);
  const gone = fetch(site.url, { signal }).then(() => "answered", () => "gone");
  const { visits } = await welcome(site);
  assertEquals(await gone, "gone");
  assert(visits === 2 || visits === 3, `${visits} visits`);
  assertEquals((await welcome(site)).visits > visits, true);
});

/** What was read may be a second old. */
async function eventually(check: () => Promise<void>): Promise<void> {
  const end = Date.now() + 5000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
