/** Owns: what `agents add` lets an agent do in the world. */
import { AGENT_RIGHTS, type AgentRights } from '../agents/join-agent.ts';
import { rightsOf } from '../world/rights.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { CommandLine } from './command.ts';
import { UsageError } from './exit-code.ts';
import { roleNamed } from './role.ts';

/** By `--role` and `--scope`; edits and claims in the whole world where neither is said. */
export function agentRights(line: CommandLine): AgentRights {
  const hasRole = line.text('role') !== undefined;
  const role = hasRole ? roleNamed(line) : AGENT_RIGHTS.role;
  const capabilities = hasRole ? rightsOf(role) : AGENT_RIGHTS.capabilities;
  return { role, capabilities, pathScope: line.text('scope')?.split(',').filter(Boolean) ?? [] };
}

/** Throws `UsageError` where an agent that is a member already has other rights than were asked for. */
export function demandRights(session: WorldSession, line: CommandLine, name: string): void {
  const member = session.view.members.get(session.identity);
  const { role, pathScope } = agentRights(line);
  const isOther =
    (line.text('role') !== undefined && member?.role !== role) ||
    (line.text('scope') !== undefined && member?.pathScope.join() !== pathScope.join());
  if (!isOther) return;
  throw new UsageError(
    `${name} is a member already, with other rights; an owner changes them: agent-world members --change NAME --role ROLE --scope GLOBS`,
  );
}
