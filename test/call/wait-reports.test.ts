import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WaitReports } from '../../src/call/wait-reports.ts';
import { connect } from '../harness.ts';

describe('a wait', () => {
  const messages: string[] = [];
  const reports = new WaitReports((message) => messages.push(message));
  beforeEach(() => {
    messages.length = 0;
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('reports its length when it begins, and its progress every five seconds', () => {
    reports.begin(11_500, 'before attempt 2: status 429');
    vi.advanceTimersByTime(60_000);
    expect(messages).toEqual([
      'waiting 12 s before attempt 2: status 429',
      'waited 5 s of 12 s before attempt 2: status 429',
      'waited 10 s of 12 s before attempt 2: status 429',
    ]);
  });

  it('is silent once it ends or another one begins', () => {
    reports.begin(30_000, 'to stay under the rate limit');
    vi.advanceTimersByTime(6_000);
    reports.begin(20_000, 'before attempt 2: status 503');
    vi.advanceTimersByTime(6_000);
    reports.end();
    vi.advanceTimersByTime(60_000);
    expect(messages).toEqual([
      'waiting 30 s to stay under the rate limit',
      'waited 5 s of 30 s to stay under the rate limit',
      'waiting 20 s before attempt 2: status 503',
      'waited 5 s of 20 s before attempt 2: status 503',
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it.each([
  ['a Retry-After', { 'retry-after': '30' }, 30],
  ['a backoff', {}, 1],
])('%s is reported to the client with increasing whole numbers, and leaves no timer', async (_, headers, seconds) => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const server = await connect({
    replies: (__, nth) => (nth <= 2 ? { status: 429, body: 'Ratelimited', headers } : { body: { id: 'user_1' } }),
    // The client's wait is as long as the reports say.
    runtime: { client: { sleep: async (ms) => void vi.advanceTimersByTime(ms), random: () => 1 } },
  });
  try {
    const seen: { progress: number; message?: string | undefined }[] = [];
    await server.call('get_user', { user_id: 'user_1' }, { onprogress: (one) => seen.push(one) });
    const texts = seen.map(({ message }) => message);
    expect(texts[0]).toBe(`waiting ${seconds} s before attempt 2: status 429`);
    expect(texts).toHaveLength(seconds === 30 ? 12 : 2);
    if (seconds === 30) expect(texts[5]).toBe('waited 25 s of 30 s before attempt 2: status 429');
    expect(seen.map(({ progress }) => progress)).toEqual(seen.map((__, at) => at));
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
    await server.close();
  }
});
