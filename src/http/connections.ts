import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Connections at the same time. Many systems let a process have 1,024 files, of which this leaves half to the rest. */
const MAX_CONNECTIONS = 512;

/**
 * Keeps the connections of a server within a limit: where there is one too many, the one that has been without a request for
 * longest is closed. Thousands of connections that send nothing keep nobody out.
 */
export function limitConnections(server: Server, limit = MAX_CONNECTIONS): void {
  /** In the order in which they became idle. */
  const idle = new Set<Socket>();
  const busy = new Map<Socket, number>();
  const endRequest = (socket: Socket) => {
    const left = (busy.get(socket) ?? 1) - 1;
    if (left > 0) {
      busy.set(socket, left);
      return;
    }
    busy.delete(socket);
    if (!socket.destroyed) idle.add(socket);
  };
  server.on('connection', (socket: Socket) => {
    if (idle.size + busy.size >= limit) {
      const [oldest] = idle;
      idle.delete(oldest ?? socket);
      (oldest ?? socket).destroy();
      if (!oldest) return;
    }
    idle.add(socket);
    socket.once('close', () => {
      idle.delete(socket);
      busy.delete(socket);
    });
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    idle.delete(socket);
    busy.set(socket, (busy.get(socket) ?? 0) + 1);
    response.once('close', () => endRequest(socket));
  });
}
