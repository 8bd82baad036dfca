// The sessions of docs/operators.md: real calls in the sandbox, with a fixed clock, so that the results never change.
import { importSource } from './import-source.mjs';

const NOW = Date.parse('2026-11-02T09:00:00.000Z');

/** In the order of the page. */
const SESSIONS = [
  {
    title: 'Why can this person not sign in?',
    words:
      'Rosa Xu of Blue Harbor Bank writes to support that she cannot get in. Her password was tried six times, and then Radar blocked the address it was tried from. Whether that was her is the first thing to find out, so the next call looks at her sessions before anything is reset.',
    tool: 'diagnose_sign_in',
    arguments: { user: 'rosa.xu@blueharbor.example' },
  },
  {
    title: 'Nobody has that address',
    words: 'A letter of the address is wrong. Somebody in the organization has one like it.',
    tool: 'diagnose_sign_in',
    arguments: { user: 'amara.adeyemy@acme-robotics.example', organization: 'Acme Robotics' },
  },
  {
    title: "Is this customer's setup healthy?",
    words: 'Before a renewal, one call for everything that can be wrong.',
    tool: 'diagnose_organization',
    arguments: { organization: 'blueharbor.example' },
  },
  {
    title: 'Why can she not see the bill?',
    words:
      'Priya Müller of Acme Robotics asks why billing is closed to her. The answer says where her role comes from, that it does not grant the permission, and which call would give it.',
    tool: 'explain_access',
    arguments: {
      organization: 'acme-robotics.example',
      user: 'priya.muller@acme-robotics.example',
      permission: 'billing:read',
    },
  },
  {
    title: 'Who can export the audit log?',
    words:
      'An auditor asks who has a permission at a customer, and by which role. Without a person, the answer names those who have it.',
    tool: 'explain_access',
    arguments: { organization: 'Acme Robotics', permission: 'audit-logs:export' },
  },
  {
    title: 'Who is suspended in the directory and still a member?',
    words:
      'The members, their users and the directory are three lists of the API. Here they are one, and an expression runs over all of its pages.',
    tool: 'list_members',
    arguments: {
      organization: 'Acme Robotics',
      all_pages: true,
      query:
        "data[?directory_state=='suspended'].{email: email, roles: roles, status: status, membership: organization_membership_id}",
    },
  },
  {
    title: 'What ends when she leaves?',
    words:
      'Dana works for two customers. Without `apply`, off-boarding shows its plan and changes nothing; with it, the user is shown the same plan before they consent.',
    tool: 'offboard_user',
    arguments: { user: 'dana@whitfield-consulting.example' },
  },
];

/** The generated section of docs/operators.md. */
export async function operatorsSection() {
  const { callInSandbox } = await importSource('scripts/sandbox-session.mjs');
  const parts = [];
  for (const { title, words, tool, arguments: input } of SESSIONS) {
    const answer = await callInSandbox(tool, input, NOW);
    parts.push(
      `## ${title}`,
      '',
      words,
      '',
      '```text',
      `${tool} ${spaced(input)}`,
      '```',
      '',
      '```json',
      page(answer),
      '```',
      '',
    );
  }
  return parts.join('\n').trimEnd();
}

/** Formats an object as JSON with one line per field, and per item of a list. */
export function page(object) {
  const fields = Object.entries(object).map(([name, value]) => `  ${JSON.stringify(name)}: ${block(value)}`);
  return `{\n${fields.join(',\n')}\n}`;
}

function block(value) {
  if (!Array.isArray(value) || value.length === 0) return spaced(value);
  return `[\n${value.map((item) => `    ${spaced(item)}`).join(',\n')}\n  ]`;
}

/** JSON on one line, with spaces. */
export function spaced(value) {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${spaced(one)}`);
  return `{ ${fields.join(', ')} }`;
}
