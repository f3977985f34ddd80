import * as vscode from 'vscode';
import type { AddedAgent } from '../../agents/clients/added-agents.ts';
import { PARTICIPANT_COLORS } from '../../decorations/participant-style.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { colorIndexOf } from '../../world/member-color.ts';

/** The number of an agent's colour among the participants', from 1; 0 where the window does not see it. */
export function agentColor(
  current: FolderWorld | undefined,
  { name, database }: Pick<AddedAgent, 'name' | 'database'>,
): number {
  if (current?.world.database !== database) return 0;
  const members = [...current.session.view.members.values()];
  const member = members.find((each) => each.kind === 'agent' && each.displayName === name);
  return member === undefined ? 0 : (colorIndexOf(member, members) % PARTICIPANT_COLORS) + 1;
}

export function themeColor(color: number): vscode.ThemeColor | undefined {
  return color === 0 ? undefined : new vscode.ThemeColor(`agentWorld.participant${color}`);
}
