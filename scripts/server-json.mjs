import { repositoryOf } from './repository.mjs';

const SCHEMA = 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json';

/** The variables for the key and the client id, which are not in the settings table because they are never flags. */
const CREDENTIALS = [
  // The server also starts without a key, but that is useless to users who install it from the registry.
  {
    name: 'WORKOS_TOKEN',
    description: 'WorkOS secret key, sk_test_… or sk_live_…',
    isRequired: true,
    isSecret: true,
  },
  {
    name: 'WORKOS_TOKEN_FILE',
    description: 'file that holds the secret key, read again at each call; beats WORKOS_TOKEN',
    format: 'filepath',
  },
  { name: 'WORKOS_CLIENT_ID', description: 'fills in client ids that a call leaves out' },
];

/**
 * server.json, which tells the MCP registry how to install and configure the server. Its name contains OWNER until package.json
 * names the repository.
 * @param manifest the contents of package.json
 * @param settings the table of src/config/settings.ts
 */
export function serverJson(manifest, settings) {
  const { name, version } = manifest;
  const repository = repositoryOf(manifest);
  const server = {
    $schema: SCHEMA,
    name: `io.github.${repository?.owner ?? 'OWNER'}/${name}`,
    title: 'WorkOS (unofficial)',
    description: 'The WorkOS API as typed tools, with read-only mode, confirmations and an offline sandbox.',
    ...(repository && { repository: { url: repository.url, source: 'github' } }),
    version,
    packages: [
      {
        registryType: 'npm',
        registryBaseUrl: 'https://registry.npmjs.org',
        identifier: name,
        version,
        runtimeHint: 'npx',
        transport: { type: 'stdio' },
        environmentVariables: [...CREDENTIALS, ...Object.values(settings).map(variableOf)],
      },
    ],
  };
  return `${JSON.stringify(server, null, 2)}\n`;
}

/** One setting in the registry's format for variables, in which all defaults are strings. */
function variableOf({ variable, meaning, value, default: initial, defaultInWords }) {
  // A default given in words depends on the machine.
  const text = defaultInWords === undefined ? String(initial) : '';
  return {
    name: variable,
    description: meaning.replaceAll('`', '"'),
    ...formOf(value),
    ...(text && { default: text }),
  };
}

function formOf(value) {
  if (value === undefined) return { format: 'boolean' };
  // Capitals mark a placeholder.
  if (value.includes('|') && !/[A-Z]/.test(value)) return { choices: value.split('|') };
  if (value === 'N') return { format: 'number' };
  return value === 'PATH' || value === 'FILE' ? { format: 'filepath' } : {};
}
