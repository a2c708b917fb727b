import { createServer, type Socket } from "node:net";

/** A server on this machine that does with each connection what it is told, once a request has arrived. */
export async function rawServer(
  answer: (socket: Socket, request: string) => void,
): Promise<{ endpoint: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let request = "";
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (data) => {
      request += data.toString("latin1");
      const [, length = "0"] = /content-length: (\d+)/i.exec(request) ?? [];
      const end = request.indexOf("\r\n\r\n");
      if (end < 0 || request.length < end + 4 + Number(length)) return;
      answer(socket, request);
      request = "";
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { endpoint: `http://127.0.0.1:${port}`, close };
}
