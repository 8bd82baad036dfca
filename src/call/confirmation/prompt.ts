import { escapeInvisible, quoteUntrusted } from '../../text/quote-untrusted.ts';
import type { Plan } from '../../tools/types.ts';
import type { Caller } from '../caller.ts';
import type { Change } from './changes.ts';
import { CODE_LIFETIME_MS } from './codes.ts';
import type { Target } from './targets.ts';

/** What a call that needs consent returns if the user cannot be asked. */
export interface Preview {
  changed: false;
  preview: {
    tool: string;
    target: string;
    plan?: Plan;
    changes?: Readonly<Record<string, Change>>;
    with?: Readonly<Record<string, number | string>>;
    unread?: string;
  }[];
  confirmation: string;
  expires_in_s: number;
  hint: string;
}

/** Whether a result is a preview, which means that nothing has been done yet. */
export function isPreview(value: Record<string, unknown>): boolean {
  return value['changed'] === false && Array.isArray(value['preview']) && typeof value['confirmation'] === 'string';
}

/** The preview of a call and the code that runs it, worded for a client or for a person in a shell. */
export function previewOf(
  targets: readonly Target[],
  code: string,
  environment: string,
  origin: Caller['origin'],
): Preview {
  const lead = `Nothing was changed. This call needs the user's consent (${environment}).`;
  return {
    changed: false,
    preview: targets.map((target) => ({
      tool: target.tool,
      target: `${target.tool} ${describe(target)}`.trimEnd(),
      ...(target.plan && { plan: target.plan }),
      ...(Object.keys(target.changes).length > 0 && { changes: target.changes }),
      ...(Object.keys(target.dependents).length > 0 && { with: target.dependents }),
      ...(target.unread && { unread: target.unread }),
    })),
    confirmation: code,
    expires_in_s: CODE_LIFETIME_MS / 1000,
    hint:
      origin === 'shell'
        ? `${lead} To agree, repeat the command with the same arguments and confirmation=${code}. The code works once.`
        : `${lead} Show the preview to the user. If they agree, repeat the call with the same arguments and this confirmation. The code works once.`,
  };
}

/**
 * The question for a client that can ask its user. It shows every target and every value that is granted, replaced, or
 * removed, so its length is not limited. `total` is the number of calls that run on accept, including those that need no
 * consent.
 */
export function questionOf(title: string, targets: readonly Target[], total: number, environment: string): string {
  const calls = total === targets.length ? `${total} calls:` : `${targets.length} of ${total} calls need consent:`;
  const lead = total > 1 ? calls : targets[0]?.tool;
  return `${title} (${environment})? ${lead} ${targets.map(sentences).join(' ')}`;
}

/** The sentences about one target. A plan adds one line for each step and finding. */
function sentences(target: Target): string {
  const counts = Object.entries(target.dependents).map(([label, count]) => {
    const words = label.replaceAll('_', ' ');
    return `${count} ${count === 1 ? words.replace(/ies$/, 'y').replace(/s$/, '') : words}`;
  });
  return [
    describe(target),
    ...(target.plan ? [escapeInvisible(target.plan.summary)] : []),
    ...Object.entries(target.changes).map(([argument, change]) => changeInWords(argument, change)),
    ...(counts.length ? [`Also deletes: ${counts.join(', ')}`] : []),
    ...(target.unread ? [`It could not be read first: ${target.unread}`] : []),
  ]
    .filter(Boolean)
    .map((sentence) => `${sentence}.`)
    .join(' ')
    .concat(target.plan ? planLines(target.plan) : '');
}

function planLines({ steps, findings = [] }: Plan): string {
  const lines = [
    ...steps.map(({ step, ...rest }, index) => {
      const what = typeof step === 'string' && /^\w+$/.test(step) ? step.replaceAll('_', ' ') : inWords(step);
      return `${index + 1}. ${what}: ${fieldsInWords(rest)}`;
    }),
    ...findings.map(({ status, detail, fix }) =>
      escapeInvisible([`${capitalized(status)}: ${detail}`, fix].filter(Boolean).join('. ')),
    ),
  ];
  return lines.map((line) => `\n${line}`).join('');
}

/** The target's name, and the arguments that replace nothing. */
function describe({ arguments: input, changes, state }: Target): string {
  const shown = Object.entries(input)
    .filter(([name]) => !Object.hasOwn(changes, name))
    .map(([name, value]) => `${name} ${inWords(value)}`);
  const name = nameOf(state);
  return [name && quoteUntrusted(name), shown.length && `(${shown.join(', ')})`].filter(Boolean).join(' ');
}

function changeInWords(argument: string, { now, was, removes, adds, keeps }: Change): string {
  const lists = Object.entries({ removes, ...(adds?.length && { adds }), keeps }).flatMap(([verb, values]) =>
    values ? [`${verb}: ${values.map(inWords).join(', ') || 'nothing'}`] : [],
  );
  return [
    argument,
    now !== undefined && inWords(now),
    was !== undefined && `(was ${inWords(was)})`,
    lists.length > 0 && lists.join('; '),
  ]
    .filter(Boolean)
    .join(' ');
}

/** A value in full with its strings quoted, because nobody can consent to what a question leaves out. */
function inWords(value: unknown): string {
  if (typeof value === 'string') return quoteUntrusted(value, Number.POSITIVE_INFINITY);
  if (Array.isArray(value)) return `[${value.map(inWords).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value ?? null);
  return `{${fieldsInWords(value)}}`;
}

function fieldsInWords(fields: object): string {
  return Object.entries(fields)
    .map(([key, one]) => `${/^\w+$/.test(key) ? key : inWords(key)} ${inWords(one)}`)
    .join(', ');
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

const NAMING_FIELDS = ['name', 'email', 'domain', 'slug', 'uri', 'endpoint_url'];

/** A membership is named by its user, and a role assignment by its role and resource. */
function nameOf(state: unknown): string | undefined {
  const role = named(field(state, 'role'), ['slug']);
  const resource = named(field(state, 'resource'), ['external_id', 'id']);
  return (
    named(state, NAMING_FIELDS) ??
    memberOf(state) ??
    (role && resource && `${role} on ${resource}`) ??
    named(state, ['id'])
  );
}

/** The user and the organization of a membership. */
function memberOf(state: unknown): string | undefined {
  const user = named(field(state, 'user'), ['email']) ?? named(state, ['user_id']);
  const organization = named(state, ['organization_name', 'organization_id']);
  return user && organization ? `${user} in ${organization}` : user;
}

function named(value: unknown, fields: readonly string[]): string | undefined {
  const values = fields.map((name) => field(value, name));
  return values.filter((one) => typeof one === 'string').find((one) => one !== '');
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}
