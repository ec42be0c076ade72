import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { OperationError } from '../core/model/operation-error.ts';

const LARGEST_LAG_MILLISECONDS = 5_000;
const CLOSE_GRACE_MILLISECONDS = 5_000;

/** What the three operations routes answer from. */
export interface OperationsRoutes {
  /** The whole exposition and its content type. */
  metrics(): Promise<{ readonly contentType: string; readonly body: string }>;
  /** Parts that are not ready, by name; empty = ready. No name of a unit or person. */
  notReady(): Promise<readonly string[]>;
}

/** A running operations listener. */
export interface OperationsServer {
  readonly address: string;
  /** Answers "not ready" from now on. */
  drain(): void;
  close(): Promise<void>;
}

type Answer = { readonly status: number; readonly contentType: string; readonly body: string };

function text(status: number, body: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${body}\n` };
}

function parseListen(listen: string): { readonly host: string; readonly port: number } {
  const hit = /^(?:\[(?<six>[^\]]+)\]|(?<four>[^:]*)):(?<port>\d{1,5})$/.exec(listen);
  const port = Number(hit?.groups?.['port']);
  if (hit === null || port > 65_535) {
    throw new OperationError('CONFIG_INVALID', `cannot listen on ${listen}: not host:port`, {
      retry: 'no',
      next: 'write metrics.listen as 127.0.0.1:7411',
    });
  }
  return { host: hit.groups?.['six'] ?? hit.groups?.['four'] ?? '127.0.0.1', port };
}

/** Serves `/metrics`, `/livez` and `/readyz` without sign-in and without names. */
export async function startOperationsServer(listen: string, routes: OperationsRoutes): Promise<OperationsServer> {
  const { host, port } = parseListen(listen);
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();
  let draining = false;

  function live(): Answer {
    const milliseconds = lag.max / 1e6;
    lag.reset();
    return milliseconds < LARGEST_LAG_MILLISECONDS ? text(200, 'alive') : text(503, 'event loop stalled');
  }

  async function ready(): Promise<Answer> {
    const missing = draining ? ['stopping'] : await routes.notReady();
    return missing.length === 0 ? text(200, 'ready') : text(503, `not ready: ${missing.join(', ')}`);
  }

  async function answer(request: IncomingMessage): Promise<Answer> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'only GET');
    switch (request.url?.split('?')[0]) {
      case '/metrics':
        return { status: 200, ...(await routes.metrics()) };
      case '/livez':
        return live();
      case '/readyz':
        return await ready();
      default:
        return text(404, 'nothing here');
    }
  }

  function respond(response: ServerResponse, given: Answer): void {
    response.writeHead(given.status, { 'content-type': given.contentType, 'cache-control': 'no-store' });
    response.end(given.body);
  }

  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => {
      answer(request).then(
        (given) => {
          respond(response, given);
        },
        () => {
          respond(response, text(503, 'not available'));
        },
      );
    },
  );
  await listenOn(server, host, port);
  const bound = server.address() as AddressInfo;
  return {
    address: `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    drain: () => {
      draining = true;
    },
    close: () => closeServer(server, lag),
  };
}

function listenOn(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new OperationError('LISTEN_FAILED', `cannot listen on ${host}:${port}: ${cause.message}`, {
          retry: 'later',
          next: 'free the port or set metrics.listen',
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}

function closeServer(server: Server, lag: { disable(): boolean }): Promise<void> {
  lag.disable();
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      server.closeAllConnections();
    }, CLOSE_GRACE_MILLISECONDS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
