import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import { CODE_LIFETIME_MS } from './codes.ts';
import type { Target } from './targets.ts';

/** What a destructive call returns where the user could not be asked. */
export interface Preview {
  changed: false;
  preview: { tool: string; target: string; with?: Record<string, number | string>; unread?: string }[];
  confirmation: string;
  expires_in_s: number;
  hint: string;
}

/** The preview of a call and the code that runs it. */
export function previewOf(targets: readonly Target[], code: string, environment: string): Preview {
  return {
    changed: false,
    preview: targets.map((target) => ({
      tool: target.tool,
      target: describe(target),
      ...(Object.keys(target.dependents).length > 0 && { with: target.dependents }),
      ...(target.unread && { unread: target.unread }),
    })),
    confirmation: code,
    expires_in_s: CODE_LIFETIME_MS / 1000,
    hint: `Nothing was changed. This call is destructive (${environment}). Show the preview to the user. If they agree, repeat the call with the same arguments and this confirmation. The code works once.`,
  };
}

/** Targets that a question describes in full; it lists the names of the rest. */
const DESCRIBED_IN_FULL = 20;

/** The question for a client that can ask its user. It names every target. */
export function questionOf(title: string, targets: readonly Target[], environment: string): string {
  const described = targets.slice(0, DESCRIBED_IN_FULL).map((target) => {
    const counts = Object.entries(target.dependents).map(([label, count]) => `${count} ${label.replaceAll('_', ' ')}`);
    const also = counts.length ? ` With it: ${counts.join(', ')}.` : '';
    return `${describe(target)}.${also}${target.unread ? ` It could not be read first: ${target.unread}.` : ''}`;
  });
  const rest = targets.slice(DESCRIBED_IN_FULL).map((target) => nameOrArgument(target));
  const count = targets.length > 1 ? ` ${targets.length} calls:` : '';
  return `${title} (${environment})?${count} ${described.join(' ')}${rest.length ? ` And: ${rest.join(', ')}.` : ''}`;
}

function nameOrArgument({ arguments: input, state }: Target): string {
  const [first] = Object.values(input);
  return quoteUntrusted(nameOf(state) ?? (typeof first === 'string' ? first : JSON.stringify(first ?? null)), 60);
}

function describe({ tool, arguments: input, state }: Target): string {
  const shown = Object.entries(input).map(
    ([name, value]) => `${name} ${quoteUntrusted(typeof value === 'string' ? value : JSON.stringify(value), 120)}`,
  );
  const name = nameOf(state);
  return [tool, name && quoteUntrusted(name), shown.length && `(${shown.join(', ')})`].filter(Boolean).join(' ');
}

const NAMING_FIELDS = ['name', 'email', 'domain', 'slug', 'uri', 'endpoint_url', 'id'];

function nameOf(state: unknown): string | undefined {
  if (typeof state !== 'object' || state === null) return undefined;
  const values = new Map(Object.entries(state));
  return NAMING_FIELDS.map((field) => values.get(field)).find((value) => typeof value === 'string' && value !== '');
}
