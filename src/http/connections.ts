import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The most connections at the same time. Many systems allow a process 1,024 open files; half of them remain for other uses. */
const MAX_CONNECTIONS = 512;

/**
 * Limits the connections of a server. At the limit, a new connection replaces the one that has been idle longest, so thousands
 * of connections that send nothing lock no one out. If none is idle, the new connection is closed.
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
