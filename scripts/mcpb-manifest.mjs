import { repositoryOf } from './repository.mjs';

/**
 * The manifest of the extension for Claude Desktop.
 * @param manifest the contents of package.json
 * @param entries the contents of dist/tools.json
 */
export function mcpbManifest(manifest, entries) {
  const { name, version, description, license, keywords, engines } = manifest;
  const repository = repositoryOf(manifest);
  return {
    manifest_version: '0.3',
    name,
    display_name: 'WorkOS (unofficial)',
    version,
    description,
    long_description:
      'An unofficial server for the WorkOS API. It lists the most used operations as tools of their own, runs all others on request, asks before it deletes under a live key, and keeps secrets out of the conversation.',
    author: { name: `The ${name} authors` },
    ...(repository && { repository: { type: 'git', url: repository.url }, support: `${repository.url}/issues` }),
    license,
    keywords,
    server: {
      type: 'node',
      entry_point: 'dist/index.js',
      mcp_config: {
        command: 'node',
        args: [`${variable('__dirname')}/dist/index.js`],
        env: {
          WORKOS_TOKEN: variable('user_config.api_key'),
          WORKOS_MCP_READ_ONLY: variable('user_config.read_only'),
        },
      },
    },
    tools: entries
      .filter(({ core }) => core)
      .map(({ definition }) => ({ name: definition.name, description: definition.description })),
    user_config: {
      api_key: {
        type: 'string',
        title: 'WorkOS secret key',
        description: 'Starts with sk_test_ or sk_live_. The WorkOS dashboard shows it under API Keys.',
        sensitive: true,
        required: true,
      },
      read_only: {
        type: 'boolean',
        title: 'Read-only',
        description: 'Run only tools that read. Nothing in WorkOS can be changed.',
        default: false,
        required: false,
      },
    },
    compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: engines.node } },
  };
}

/** A variable that the client replaces when it starts the server. */
function variable(name) {
  return `$\{${name}}`;
}
