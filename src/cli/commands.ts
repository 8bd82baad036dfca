import type { Invocation } from '../config/argv.ts';
import type { Setup } from './setup.ts';

/** Runs any command except `serve`, and loads only the code of that command. Returns the exit code. */
export async function run(invocation: Invocation, setup: Setup): Promise<number> {
  switch (invocation.command) {
    case 'check':
      return (await import('./check.ts')).check(invocation, setup);
    case 'call':
      return (await import('./call.ts')).call(invocation, setup);
    case 'batch':
      return (await import('./batch.ts')).batch(invocation, setup);
    case 'find':
      return (await import('./find.ts')).find(invocation, setup);
    case 'tools':
      return (await import('./tools.ts')).tools(invocation, setup);
    case 'compare':
      return (await import('./compare.ts')).compare(invocation, setup);
    case 'plan':
      return (await import('./plan.ts')).plan(invocation, setup);
    case 'init':
      return (await import('./init.ts')).init(invocation, setup);
    case 'http':
      return (await import('./http.ts')).http(invocation, setup);
    case 'sandbox':
      return (await import('./sandbox.ts')).sandbox(invocation, setup);
    case 'import':
      return (await import('./import.ts')).importFile(invocation, setup);
    case 'export':
      return (await import('./export.ts')).exportFile(invocation, setup);
    case 'completion':
      return (await import('./completion.ts')).completion(invocation, setup);
    default:
      return (await import('./demo.ts')).demo(invocation, setup);
  }
}
