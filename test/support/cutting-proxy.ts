import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that cuts the connection when a word passes. */
export interface CuttingProxy {
  readonly host: string;
  readonly port: number;
  /** From now on: when the word passes, it is `passed` on or `swallowed`, and the connection is cut before an answer. */
  cutAt(word: string, how: 'passed' | 'swallowed'): void;
  passEverything(): void;
  close(): Promise<void>;
}

/** Starts a proxy on loopback in front of a server's TCP port. */
export async function cuttingProxy(target: { readonly port: number }): Promise<CuttingProxy> {
  let cut: { readonly word: string; readonly how: 'passed' | 'swallowed' } | undefined;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target.port, '127.0.0.1');
    let silent = false;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => open.delete(socket));
    }
    client.on('data', (bytes) => {
      if (cut === undefined || !bytes.includes(cut.word)) {
        upstream.write(bytes);
        return;
      }
      silent = true;
      if (cut.how === 'passed') upstream.write(bytes);
      // The server gets time to finish what was passed on before it sees the connection go.
      setTimeout(() => {
        client.destroy();
        upstream.destroy();
      }, 300);
    });
    upstream.on('data', (bytes) => {
      if (!silent) client.write(bytes);
    });
    client.on('end', () => upstream.end());
    upstream.on('end', () => client.end());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  return {
    host: '127.0.0.1',
    port,
    cutAt: (word, how) => {
      cut = { word, how };
    },
    passEverything: () => {
      cut = undefined;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
