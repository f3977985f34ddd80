/** Names of the views' commands without `agentWorld.`: known before the views themselves are loaded. */
export const VIEW_COMMANDS = [
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

export type ViewCommand = (typeof VIEW_COMMANDS)[number];
