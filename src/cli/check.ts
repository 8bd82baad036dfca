import type { Invocation } from '../config/argv.ts';
import { inShell } from '../text/in-shell.ts';
import type { Diagnosis, EnvironmentsDiagnosis } from '../tools/diagnosis.ts';
import type { Finding } from '../tools/finding.ts';
import { KEYS_PAGE } from '../tools/key-finding.ts';
import { callOnce } from './call-once.ts';
import { textOf, writeFailure, writeJson } from './output.ts';
import type { Setup } from './setup.ts';
import { type Paint, paintFor } from './terminal.ts';

/** Runs check_connector and prints its findings. Returns the exit code: 1 if something is wrong. */
export async function check({ options }: Invocation, setup: Setup): Promise<number> {
  const input = Object.fromEntries(
    [
      ['environment', options['environment']],
      ['env_name', options['env-name']],
      ['url', options['url']],
      ['method', options['method']],
    ].filter(([, value]) => value !== undefined),
  );
  const { out, outTerminal } = setup.streams;
  const json = options['json'] !== undefined;
  const result = await callOnce('check_connector', input, setup);
  if (result.isError) {
    writeFailure(textOf(result), json, setup.streams);
    return 1;
  }
  // check_connector's result is what diagnose() or diagnoseAll() returns.
  const diagnosis = result.structuredContent as unknown as Diagnosis | EnvironmentsDiagnosis;
  const paint = paintFor(outTerminal);
  if (json) writeJson(textOf(result), setup.streams);
  else if ('findings' in diagnosis) for (const line of readable(diagnosis, paint)) out(line);
  else {
    for (const one of diagnosis.environments) {
      out(paint.bold(one.environment));
      for (const line of [...readable(one, paint), '']) out(line);
    }
    out(diagnosis.summary);
  }
  return diagnosis.healthy ? 0 : 1;
}

function readable({ summary, findings }: Diagnosis, paint: Paint): string[] {
  const marks: Readonly<Record<Finding['status'], string>> = {
    ok: paint.green('ok  '),
    warning: paint.yellow('warn'),
    problem: paint.red('FAIL'),
    skipped: paint.dim('skip'),
  };
  const lines = findings.flatMap(({ check: name, status, detail, fix }) => [
    `${marks[status]}  ${name.padEnd(10)}  ${detail}`,
    ...(fix ? [`${' '.repeat(18)}-> ${inShell(fix)}`] : []),
  ]);
  const aboutKey = findings.filter(({ check: name }) => name === 'variable' || name === 'key');
  const explains = aboutKey.some(({ status }) => status === 'problem' || status === 'warning');
  return [...lines, '', ...(explains ? [...ABOUT_KEYS, ''] : []), summary];
}

const ABOUT_KEYS = [
  'Keys:',
  '  sk_test_…  belongs to a staging environment. Destructive calls run at once.',
  '  sk_live_…  belongs to production. Destructive calls need your consent.',
  `  Get one    ${KEYS_PAGE}.`,
  '             WorkOS shows a live key once. Keep it in a secret store or a file of mode 600.',
  '  Set it     export WORKOS_TOKEN=sk_test_…, or WORKOS_TOKEN_FILE=PATH for a file that holds it.',
  '  Refused    Copy the complete key again, from the same environment. A revoked or expired',
  '             key cannot be restored: create another one.',
];
