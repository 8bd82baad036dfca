// Refuses to publish a package that users could not use, and says what to change. Reads the files of the current folder.
//   node scripts/ready-to-publish.mjs [TAG]
import { readFileSync } from 'node:fs';
import { repositoryOf } from './repository.mjs';

const [tag = ''] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const server = JSON.parse(readFileSync('server.json', 'utf8'));
const published = /\bPUBLISHED\b[^=]*= (true|false);/.exec(readFileSync('src/init/server-command.ts', 'utf8'))?.[1];
const { version } = manifest;

const refusals = [
  !repositoryOf(manifest) &&
    "package.json has no `repository` on GitHub. npm needs it for the provenance and for README's links: set it to the repository's URL, then run npm run docs.",
  !readFileSync('CHANGELOG.md', 'utf8').includes(`\n## [${version}]`) &&
    `CHANGELOG.md has no section for ${version}: rename Unreleased to "[${version}] - YYYY-MM-DD".`,
  published !== 'true' &&
    'PUBLISHED in src/init/server-command.ts is not true, so init would write the path of a checkout: set it, and run npm run docs.',
  readFileSync('README.md', 'utf8').includes('there is no npm package') &&
    'README says that there is no npm package: correct "Start".',
  repositoryOf(manifest) &&
    manifest.mcpName !== server.name &&
    `package.json has to say "mcpName": "${server.name}", by which the MCP registry knows that both have one owner.`,
  (server.version !== version || server.packages.some((one) => one.version !== version)) &&
    'server.json has another version than package.json: run npm run docs.',
  tag !== '' &&
    tag !== `v${version}` &&
    `the tag is ${tag}, but package.json has version ${version}: tag the commit v${version}.`,
].filter(Boolean);

for (const refusal of refusals) process.stderr.write(`Not published: ${refusal}\n`);
if (refusals.length) process.exitCode = 1;
else process.stdout.write(`${manifest.name} ${version} is ready to publish.\n`);
