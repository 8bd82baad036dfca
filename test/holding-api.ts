import { rawServer } from './harness.ts';

/** A server that responds to a path with `{"id": path}`, but only when a test releases it. */
export interface HoldingApi {
  url: string;
  /** How many requests arrived for this path. */
  count(path: string): number;
  /** Resolves when a request for this path has arrived. */
  arrival(path: string): Promise<void>;
  /** Resolves when a request for this path was aborted before its response. */
  aborted(path: string): Promise<void>;
  /** Responds to the request for this path, now or when it arrives. */
  release(path: string): void;
  close(): Promise<void>;
}

export async function holdingApi(): Promise<HoldingApi> {
  const arrivals = new Signals<() => void>();
  const aborts = new Signals<void>();
  const counts = new Map<string, number>();
  const raw = await rawServer((request, response) => {
    const { url = '' } = request;
    request.resume();
    counts.set(url, (counts.get(url) ?? 0) + 1);
    response.on('close', () => {
      if (!response.writableFinished) aborts.resolve(url, undefined);
    });
    arrivals.resolve(url, () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ id: url }));
    });
  });
  return {
    url: raw.url,
    count: (path) => counts.get(path) ?? 0,
    arrival: async (path) => void (await arrivals.wait(path)),
    aborted: (path) => aborts.wait(path),
    release: (path) => void arrivals.wait(path).then((respond) => respond()),
    close: raw.close,
  };
}

/** A promise per name that can be awaited before or after it is resolved. */
class Signals<Value> {
  readonly #promises = new Map<string, { promise: Promise<Value>; resolve: (value: Value) => void }>();

  wait(name: string): Promise<Value> {
    return this.#at(name).promise;
  }

  resolve(name: string, value: Value): void {
    this.#at(name).resolve(value);
  }

  #at(name: string) {
    const known = this.#promises.get(name);
    if (known) return known;
    let resolve: (value: Value) => void = () => {};
    const promise = new Promise<Value>((settle) => {
      resolve = settle;
    });
    const created = { promise, resolve };
    this.#promises.set(name, created);
    return created;
  }
}
