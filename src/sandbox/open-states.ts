import { namedEnvironment } from './environment.ts';
import { sampleLandscape } from './landscape.ts';
import { otherLandscape } from './other-landscape.ts';
import { type SavedState, State, type StateOptions } from './state.ts';

/** What a state file holds: the state of a single environment, or those of several by their names. */
export type Saved = SavedState | { environments: Record<string, SavedState> };

/** The states of a running sandbox. */
export interface OpenStates {
  /** One for each environment, in their order. */
  states: [State, ...State[]];
  save(): Saved;
}

/**
 * The states of these environments, or of a single one where none is named: as they were saved, else as they start.
 * @param saved What the state file holds. It has several environments exactly where some are named.
 * @param seed The landscape that a single environment starts with.
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
      // Those that are not served now stay in the file.
      return { environments: { ...before, [first]: firstState.save(), ...Object.fromEntries(saves) } };
    },
  };
}

async function startingState(seed: string | undefined, now: number): Promise<SavedState> {
  if (seed === undefined) return sampleLandscape(now);
  const { readSeed } = await import('./seed.ts');
  return readSeed(seed, now);
}
