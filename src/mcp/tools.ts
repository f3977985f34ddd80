import { EDIT_TOOLS } from './edit-tools.ts';
import { LOOK_TOOLS } from './look-tools.ts';
import { TEAM_TOOLS } from './team-tools.ts';
import type { Tool } from './tool.ts';

/** All that clients see. A model chooses badly among many: there are at most fourteen. */
export const TOOLS: readonly Tool[] = [...LOOK_TOOLS, ...EDIT_TOOLS, ...TEAM_TOOLS];
