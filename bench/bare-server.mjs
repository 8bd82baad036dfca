// Plain Node that answers the same requests: a lower bound for the start time.

import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline';

const RESULTS = {
  initialize: {
    protocolVersion: '2025-06-18',
    capabilities: { tools: {} },
    serverInfo: { name: 'bare', version: '1.0.0' },
  },
  'tools/list': { tools: [] },
};

for await (const line of createInterface({ input: stdin })) {
  const { id, method } = JSON.parse(line);
  if (id !== undefined) stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: RESULTS[method] ?? {} })}\n`);
}
