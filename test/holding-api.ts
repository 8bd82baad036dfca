import { rawServer } from './harness.ts';

/** A server that answers a path with `{"id": path}`, but only when told to. */
export interface HoldingApi {
  url: string;
  /** How many requests came for this path. */
  count(path: string): number;
  /** Resolves once a request for this path is here. */
  arrival(path: string): Promise<void>;
  /** Resolves once a request for this path was cut off before its answer. */
  cut(path: string): Promise<void>;
  /** Answers the request for this path, now or when it comes. */
  release(path: string): void;
  close(): Promise<void>;
}

export async function holdingApi(): Promise<HoldingApi> {
  const arrivals = new Moments<() => void>();
  const cuts = new Moments<void>();
  const counts = new Map<string, number>();
  const raw = await rawServer((request, response) => {
    const { url = '' } = request;
    request.resume();
    counts.set(url, (counts.get(url) ?? 0) + 1);
    response.on('close', () => {
      if (!response.writableFinished) cuts.come(url, undefined);
    });
    arrivals.come(url, () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ id: url }));
    });
  });
  return {
    url: raw.url,
    count: (path) => counts.get(path) ?? 0,
    arrival: async (path) => void (await arrivals.of(path)),
    cut: (path) => cuts.of(path),
    release: (path) => void arrivals.of(path).then((answer) => answer()),
    close: raw.close,
  };
}

/** Things that happen once for each name, and may be waited for before and after. */
class Moments<Value> {
  readonly #promises = new Map<string, { promise: Promise<Value>; resolve: (value: Value) => void }>();

  of(name: string): Promise<Value> {
    return this.#at(name).promise;
  }

  come(name: string, value: Value): void {
    this.#at(name).resolve(value);
  }

  #at(name: string) {
    const known = this.#promises.get(name);
    if (known) return known;
    let resolve: (value: Value) => void = () => {};
    const promise = new Promise<Value>((settle) => {
      resolve = settle;
    });
    const made = { promise, resolve };
    this.#promises.set(name, made);
    return made;
  }
}
