import type { Effect, EffectClass } from './types.ts';

/** The class that an effect belongs to. */
export function effectClass(effect: Effect): EffectClass {
  if (effect === 'read') return 'read';
  return isDestructive(effect) ? 'destructive' : 'write';
}

/** The name of the call_ tool that runs operations with this effect. */
export function dispatcherFor(effect: Effect): string {
  return `call_${effectClass(effect)}_tool`;
}

/** Whether every call with this effect needs consent under a live key. */
export function isDestructive(effect: Effect): boolean {
  return effect === 'delete' || effect === 'overwrite';
}
