import { type AddressInfo, connect, createServer } from "node:net";

/** A SOCKS 5 proxy that asks for user and password and leads every request to one port of this machine. */
export async function startSocks(port: () => number) {
  /** Password request and connect request of each client, one character a byte. */
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write(Buffer.of(5, 2));
      socket.once("data", (password) => {
        socket.write(Buffer.of(1, 0));
        socket.once("data", (request) => {
          asked.push(password.toString("latin1"), request.toString("latin1"));
          const upstream = connect(port(), "127.0.0.1", () => {
            socket.write(Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
            upstream.pipe(socket).pipe(upstream);
          });
          upstream.on("error", () => socket.destroy());
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `socks5h://us%20er:pw@127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked, [Symbol.dispose]: () => void server.close() };
}
