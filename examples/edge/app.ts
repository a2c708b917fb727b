// What the site of a game needs of a server: how many have come, who is who, and who is best. It runs wherever `fetch` does.

import type { CloudStore } from "@ferrite/storage/cloud";

const DAY_MS = 24 * 60 * 60 * 1000;
const decoder = new TextDecoder();

/** Answers a request to the site. */
export async function answer(request: Request, store: CloudStore): Promise<Response> {
  const { pathname } = new URL(request.url);
  switch (`${request.method} ${pathname}`) {
    case "GET /":
      return await welcome(store);
    case "POST /login":
      return await logIn(await request.text(), store);
    case "POST /score":
      return await addScore(request, store);
    default:
      return new Response("Not found", { status: 404 });
  }
}

/** A counter, which is right whoever else counts at the same time, and the first ten of a sorted set. */
async function welcome(store: CloudStore): Promise<Response> {
  const [visits, best] = await Promise.all([
    store.incrBy("visits"),
    store.zrangeWithScores("scores", 0, 9, { reverse: true }),
  ]);
  return Response.json({ visits, best: best.map(([name, score]) => ({ name: decoder.decode(name), score })) });
}

/** A session is a key that is gone after a day. */
async function logIn(name: string, store: CloudStore): Promise<Response> {
  if (name === "" || name.length > 40) return new Response("A name has 1 to 40 letters", { status: 400 });
  const session = crypto.randomUUID();
  await store.set(`session:${session}`, name, { ttl: DAY_MS });
  const cookie = `session=${session}; Max-Age=${DAY_MS / 1000}; HttpOnly; Secure; SameSite=Strict`;
  return new Response(`Welcome, ${name}`, { headers: { "set-cookie": cookie } });
}

/** Keeps the best score of a player, and says how many are better. */
async function addScore(request: Request, store: CloudStore): Promise<Response> {
  const [, session] = /(?:^|; )session=([\w-]+)/.exec(request.headers.get("cookie") ?? "") ?? [];
  const name = session === undefined ? null : await store.get(`session:${session}`);
  if (name === null) return new Response("Log in first", { status: 401 });
  const score = Number(await request.text());
  if (!Number.isSafeInteger(score)) return new Response("A score is a whole number", { status: 400 });
  await store.zadd("scores", [[score, name]], { ifGreater: true });
  return Response.json({ better: await store.zrevRank("scores", name) });
}
