// Names of the views' commands without `agentWorld.`: known before the views themselves are loaded.

const CONFLICT_COMMANDS = [
  'goToConflict',
  'keepHead',
  'applyMine',
  'editResult',
  'compareSides',
  'mergeSides',
  'withdrawConflict',
  'resolveAllConflicts',
  'openConflictPanel',
  'nextConflict',
  'previousConflict',
  'conflictsByFile',
  'conflictsByMember',
  'conflictsByAge',
] as const;

export type ConflictCommand = (typeof CONFLICT_COMMANDS)[number];

export const VIEW_COMMANDS = [...CONFLICT_COMMANDS] as const;

export type ViewCommand = (typeof VIEW_COMMANDS)[number];
