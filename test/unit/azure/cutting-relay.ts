/**
 * A relay on loopback before the sandbox's proxy that can lose an answer on the way back: the
 * request arrives and is carried out, the client only sees its connection break.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CuttingRelay {
  url: string;
  /** Cuts before the answer to the n-th request from now on, over a connection in use. */
  loseAnswer(nth: number): void;
  /** How many answers were lost. */
  lost(): number;
  close(): Promise<void>;
}

export async function startRelay(upstreamUrl: string): Promise<CuttingRelay> {
  const { hostname, port } = new URL(upstreamUrl);
  const sockets = new Set<Socket>();
  let untilCut: number | undefined;
  let lost = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let asking = false;
    let cut = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        (socket === client ? upstream : client).destroy();
      });
    }
    client.on('data', (chunk) => {
      // A request is what the client says after it has listened.
      if (!asking && untilCut !== undefined && --untilCut === 0) {
        untilCut = undefined;
        cut = true;
      }
      asking = true;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      asking = false;
      if (!cut) {
        client.write(chunk);
        return;
      }
      lost++;
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswer: (nth) => (untilCut = nth),
    lost: () => lost,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
