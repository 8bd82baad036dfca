import { namedEnvironment } from './environment.ts';
import { sampleLandscape } from './landscape.ts';
import { otherLandscape } from './other-landscape.ts';
import { type SavedState, State, type StateOptions } from './state.ts';

/** The contents of a state file: the state of a single environment, or those of several by name. */
export type Saved = SavedState | { environments: Record<string, SavedState> };

/** The states of a running sandbox. */
export interface OpenStates {
  /** One for each environment, in the given order. */
  states: [State, ...State[]];
  save(): Saved;
}

/**
 * Opens the states of these environments, or of a single one if none is named: as they were saved, or else as they start.
 * @param saved the contents of the state file; it has several environments exactly if some are named
 * @param seed the landscape file that a single environment starts with
 */
export async function openStates(
  names: readonly string[],
  options: StateOptions,
  saved: Saved | undefined,
  seed: string | undefined,
): Promise<OpenStates> {
  const now = options.now();
  const [first, ...others] = names;
  if (first === undefined) {
    const only = new State(options, saved && 'tables' in saved ? saved : await startingState(seed, now));
    return { states: [only], save: () => only.save() };
  }
  const before = saved && 'environments' in saved ? saved.environments : {};
  const kept = new Map(Object.entries(before));
  const open = (name: string, start: () => SavedState) =>
    new State({ ...options, environment: namedEnvironment(name) }, kept.get(name) ?? start());
  const firstState = open(first, () => sampleLandscape(now));
  const rest = others.map((name) => ({ name, state: open(name, () => otherLandscape(name, now)) }));
  return {
    states: [firstState, ...rest.map(({ state }) => state)],
    save: () => {
      const saves = rest.map(({ name, state }) => [name, state.save()] as const);
      // Environments that are not served now stay in the file.
      return { environments: { ...before, [first]: firstState.save(), ...Object.fromEntries(saves) } };
    },
  };
}

async function startingState(seed: string | undefined, now: number): Promise<SavedState> {
  if (seed === undefined) return sampleLandscape(now);
  const { readSeed } = await import('./seed.ts');
  return readSeed(seed, now);
}
