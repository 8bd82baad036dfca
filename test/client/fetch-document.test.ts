import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { documentFetcher } from '../../src/client/fetch-document.ts';
import { rawServer } from '../harness.ts';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** Fetches from a server that answers with `answer`. */
async function fetchFrom(answer: (request: IncomingMessage, response: ServerResponse) => void, timeoutMs?: number) {
  const server = await rawServer(answer);
  const fetcher = documentFetcher(server.url, undefined, timeoutMs);
  opened.push(server.close, fetcher.close);
  return fetcher.fetch(`${server.url}/oauth2/jwks`, new Headers({ accept: 'application/json' }));
}

describe('a document', () => {
  it('is returned unchanged and requested with only the necessary headers', async () => {
    let seen: IncomingMessage | undefined;
    const document = await fetchFrom((request, response) => {
      seen = request;
      response.end('{"keys":[]}');
    });
    expect(document).toEqual({ status: 200, text: '{"keys":[]}' });
    expect([seen?.url, Object.keys(seen?.headers ?? {}).sort()]).toEqual([
      '/oauth2/jwks',
      ['accept', 'connection', 'host'],
    ]);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['whose server never answers', () => {}],
    ['that never ends', (response) => void response.write('{"keys":[')],
    [
      'that trickles in',
      (response) => {
        const drip = setInterval(() => response.write(' '), 5);
        response.once('close', () => clearInterval(drip));
      },
    ],
  ])('%s times out', async (_, answer) => {
    const begun = performance.now();
    await expect(fetchFrom((_request, response) => answer(response), 200)).rejects.toThrow();
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it('of more than 256 KiB is rejected without being read completely', async () => {
    let sent = 0;
    const endless = (_request: IncomingMessage, response: ServerResponse) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, 0x20))) sent += 64 * 1024;
        response.once('drain', more);
      };
      more();
    };
    await expect(fetchFrom(endless)).rejects.toThrow('more than 262144 bytes');
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  it('that redirects elsewhere is not fetched from there', async () => {
    const { status } = await fetchFrom((_request, response) => {
      response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end();
    });
    expect(status).toBe(302);
  });

  it('that is cut off is rejected', async () => {
    const cut = fetchFrom((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"keys":[]}');
      setImmediate(() => response.destroy());
    });
    await expect(cut).rejects.toThrow();
  });
});
