import type { Command } from './command.ts';
import { agentsCommand } from './agents.ts';
import { demoAgentsCommand } from './demo-agents.ts';
import { backupCommand } from './backup.ts';
import { blameCommand } from './blame.ts';
import { deleteCommand } from './delete.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { exampleCommand } from './example.ts';
import { exportCommand } from './export.ts';
import { historyCommand } from './history.ts';
import { hostCommand } from './host.ts';
import { inviteCommand } from './invite.ts';
import { joinCommand } from './join.ts';
import { keepCommand } from './keep.ts';
import { locksCommand } from './locks.ts';
import { mcpCommand } from './mcp.ts';
import { membersCommand } from './members.ts';
import { mirrorCommand } from './mirror.ts';
import { moveCommand } from './move.ts';
import { noteCommand } from './note.ts';
import { openCommand } from './open.ts';
import { policyCommand } from './policy.ts';
import { publishCommand } from './publish.ts';
import { pushCommand } from './push.ts';
import { quotaCommand } from './quota.ts';
import { renameCommand } from './rename.ts';
import { reviewCommand } from './review.ts';
import { resolveCommand } from './resolve.ts';
import { restorationsCommand } from './restorations.ts';
import { restoreCommand } from './restore.ts';
import { restoreFileCommand } from './restore-file.ts';
import { runHeldCommand } from './run-held.ts';
import { snapshotCommand } from './snapshot.ts';
import { takeBackCommand } from './take-back.ts';
import { ticketsCommand } from './tickets.ts';
import { tidyCommand } from './tidy.ts';
import { turnsCommand } from './turns.ts';
import { upgradeCommand } from './upgrade.ts';
import { upstreamCommand } from './upstream.ts';
import { verifyCommand } from './verify.ts';
import { watchCommand } from './watch.ts';
import { worldsCommand } from './worlds.ts';

/** In the order of the list that `agent-world help` prints. */
export const COMMANDS: readonly Command[] = [
  openCommand,
  worldsCommand,
  watchCommand,
  verifyCommand,
  historyCommand,
  blameCommand,
  restoreFileCommand,
  takeBackCommand,
  reviewCommand,
  keepCommand,
  ticketsCommand,
  turnsCommand,
  resolveCommand,
  restorationsCommand,
  locksCommand,
  noteCommand,
  membersCommand,
  inviteCommand,
  joinCommand,
  policyCommand,
  quotaCommand,
  renameCommand,
  deleteCommand,
  agentsCommand,
  mirrorCommand,
  runHeldCommand,
  mcpCommand,
  publishCommand,
  backupCommand,
  restoreCommand,
  moveCommand,
  upgradeCommand,
  snapshotCommand,
  exportCommand,
  pushCommand,
  upstreamCommand,
  hostCommand,
  doctorCommand,
  tidyCommand,
  exampleCommand,
  demoCommand,
  demoAgentsCommand,
];
