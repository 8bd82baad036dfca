import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { limitConnections } from '../../src/http/connections.ts';

let server: Server;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A server that allows this many connections and answers when told to. */
async function start(limit: number): Promise<{ port: number; answer: () => void; arrived: Promise<void> }> {
  let answer = () => {};
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  // Without time limits of its own, which would close connections too.
  server = createServer({ headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0 }, (_request, response) => {
    answer = () => void response.end('done');
    arrive();
  });
  limitConnections(server, limit);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as { port: number }).port, answer: () => answer(), arrived };
}

/** A connection that the server has accepted, and whether it has been closed since. */
async function open(port: number): Promise<{ socket: Socket; closed: Promise<void>; isClosed: () => boolean }> {
  const accepted = new Promise((resolve) => server.once('connection', resolve));
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}).resume();
  sockets.push(socket);
  let done = false;
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      done = true;
      resolve();
    });
  });
  await accepted;
  return { socket, closed, isClosed: () => done };
}

it('a new connection above the limit closes the one that has been idle longest, never one with a request', async () => {
  const { port, answer, arrived } = await start(3);
  const busy = await open(port);
  busy.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await arrived;
  const [first, second] = [await open(port), await open(port)];
  await open(port);
  await first.closed;
  await open(port);
  await second.closed;
  expect(busy.isClosed()).toBe(false);
  const data = new Promise((resolve) => busy.socket.once('data', resolve));
  answer();
  expect(String(await data)).toContain('200');
});

it('a new connection above the limit is closed if all others have a request', async () => {
  const { port, arrived } = await start(1);
  const busy = await open(port);
  busy.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await arrived;
  const late = await open(port);
  await late.closed;
  expect(busy.isClosed()).toBe(false);
});
