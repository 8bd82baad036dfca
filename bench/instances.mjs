// Updates docs/performance.md with the results of the last `npm run test:instances`.
import { readFileSync } from 'node:fs';
import { instancesBenchSection, writePerformance } from '../scripts/performance.mjs';

const results = JSON.parse(readFileSync(new URL('instances.json', import.meta.url), 'utf8'));
writePerformance('instances', instancesBenchSection(results));
