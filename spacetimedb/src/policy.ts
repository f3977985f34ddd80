import { CHAIN_FORMAT } from '../../src/core/chain.ts';
import { type Limits, parseLimits, sayLimits } from '../../src/core/limits.ts';
import {
  LOCK_POLICIES,
  type LockPolicy,
  type PolicyPayload,
  writePayload,
} from '../../src/core/op-payload.ts';
import { PATH_TABLES } from '../../src/core/path-folding.ts';
import { POLICY_MODES, type PolicyMode } from '../../src/core/policy.ts';
import { areQuotas, type Quotas } from '../../src/core/quota.ts';
import { HIGHEST_LIMITS, tooHigh } from '../../src/core/sizes.ts';
import { rememberFrom } from './call-memory.ts';
import { hexOf, ownerOf, type Who } from './caller.ts';
import { History, NO_OPS, WORKSPACE_ID } from './history.ts';
import { timestampAt } from './locks.ts';
import { profileFor } from './member-profile.ts';
import { newMember, OWNER_RIGHTS, writeMember } from './membership.ts';
import { startMaintenance } from './maintenance.ts';
import { setPathTable } from './paths.ts';
import { demand, Refusal } from './refusal.ts';
import { demandExportRule, writeExportRule } from './export-rule.ts';
import { demandRestorationRules, writeRestorationRules } from './restoration-table.ts';
import { noteModernTickets } from './ticket-upkeep.ts';
import { writeQuotas } from './usage.ts';
import type { Arguments, Context, Row } from './world.ts';

/** The version of the client's protocol that this module speaks. */
export const PROTOCOL_VERSION = 1;

/** A world begins: whoever published it is its owner. Names come with `configure_world`. */
export function init(ctx: Context): void {
  ctx.db.workspace.insert({
    id: WORKSPACE_ID,
    name: '',
    protocolVersion: PROTOCOL_VERSION,
    chainFormat: CHAIN_FORMAT,
    worldEpoch: '',
    policyMode: 'auto',
    lockPolicy: 'enforce',
    limits: '',
    baseCommit: undefined,
    createdBy: ctx.sender,
    createdAt: ctx.timestamp,
  });
  ctx.db.log_head.insert(NO_OPS);
  const who = { identity: ctx.sender, hex: hexOf(ctx.sender) };
  const history = History.open(ctx, who);
  const profile = { displayName: '', gitName: '', gitEmail: '', color: '' };
  const owner = newMember(ctx, ctx.sender, { ...OWNER_RIGHTS, kind: 'human' }, profile);
  writeMember(ctx, history, who, owner);
  appendPolicy(history, who, history.workspace);
  history.close();
  rememberFrom(ctx, timestampAt(ctx, 0n));
  noteModernTickets(ctx.db);
  startMaintenance(ctx);
}

/**
 * Names a world once after it was published. It is a call of its own because `init` is given no
 * arguments, and the epoch must come from outside: a module has no random source to trust.
 */
export function configureWorld(ctx: Context, args: Arguments<'configure_world'>): void {
  const caller = ownerOf(ctx);
  const history = History.open(ctx, caller);
  demand(history.workspace.worldEpoch === '', 'already_configured', 'the world has its name');
  const { name, worldEpoch, policyMode, lockPolicy, baseCommit } = args;
  demand(/^[0-9a-f]{64}$/.test(worldEpoch), 'bad_request', 'an epoch is 64 hexadecimal digits');
  demandName(name, history.limits);
  demand(/^[0-9a-f]{0,64}$/.test(baseCommit ?? ''), 'bad_request', 'a commit is named by its hash');
  demandPolicy(policyMode, lockPolicy, args.limits, history.limits);
  const profile = profileFor(ctx, caller.identity, args, history.limits);
  writeMember(ctx, history, caller, { ...caller.member, ...profile });
  const limits = sayLimits(args.limits);
  const changes = { name, worldEpoch, policyMode, lockPolicy, limits, baseCommit };
  // Files that are there already have their keys.
  const paths = ctx.db.file_head.count() === 0n ? PATH_TABLES.newest : undefined;
  if (paths !== undefined) setPathTable(ctx.db, paths);
  const news = paths === undefined ? {} : { paths };
  appendPolicy(history, caller, { ...history.workspace, ...changes }, news);
  history.close(changes);
}

/** Changes by what rules edits are judged, whether claims bind agents, and what is too much. */
export function setPolicy(ctx: Context, args: Arguments<'set_policy'>): void {
  const caller = ownerOf(ctx);
  const history = History.open(ctx, caller);
  const { policyMode, lockPolicy } = args;
  demandPolicy(policyMode, lockPolicy, args.limits, history.limits);
  const limits = sayLimits(args.limits);
  const changes = { policyMode, lockPolicy, limits };
  appendPolicy(history, caller, { ...history.workspace, ...changes });
  history.close(changes);
}

/** Changes how much members, and the world, may keep. */
export function setQuotas(ctx: Context, quotas: Arguments<'set_quotas'>): void {
  const caller = ownerOf(ctx);
  demandQuotas(quotas);
  const history = History.open(ctx, caller);
  appendPolicy(history, caller, history.workspace, { quotas });
  history.close();
  writeQuotas(ctx.db, quotas);
}

/** Refuses quotas that no world can have. */
export function demandQuotas(quotas: Quotas): void {
  demand(areQuotas(quotas), 'bad_request', 'a quota is a whole number from 1 on');
}

/** Changes whether folders ask before they take old text. What binds agents is not an agent's to change. */
export function setRestorations(ctx: Context, args: Arguments<'set_restorations'>): void {
  const caller = ownerOf(ctx);
  const isPerson = caller.member.kind !== 'agent';
  demand(isPerson, 'forbidden', 'an agent does not change by what rule its folder asks');
  const restorations = demandRestorationRules(args);
  const history = History.open(ctx, caller);
  appendPolicy(history, caller, history.workspace, { restorations });
  history.close();
  writeRestorationRules(ctx.db, restorations);
}

/** Changes whether an export needs review. What binds agents is not an agent's to change. */
export function setExportRule(ctx: Context, args: Arguments<'set_export_rule'>): void {
  const caller = ownerOf(ctx);
  const isPerson = caller.member.kind !== 'agent';
  demand(isPerson, 'forbidden', 'an agent does not change what an export needs');
  const exportRule = demandExportRule(args.rule);
  const history = History.open(ctx, caller);
  appendPolicy(history, caller, history.workspace, { exportRule });
  history.close();
  writeExportRule(ctx.db, exportRule);
}

/** Gives the world another name. */
export function renameWorld(ctx: Context, { name }: Arguments<'rename_world'>): void {
  const caller = ownerOf(ctx);
  const history = History.open(ctx, caller);
  demandName(name, history.limits);
  appendPolicy(history, caller, { ...history.workspace, name });
  history.close({ name });
}

function demandName(name: string, limits: Limits): void {
  demand(name.length <= limits.nameLength, 'too_large', 'the name is too long');
  demand(name.isWellFormed() && !/\p{Cc}/u.test(name), 'bad_request', 'this cannot be a name');
}

/** Refuses rules that no world can have; `before` are the limits that are in force. */
function demandPolicy(policyMode: string, lockPolicy: string, json: string, before: Limits): void {
  demandRules(policyMode, lockPolicy);
  const limits = parseLimits(json);
  demand(limits !== undefined, 'bad_request', 'limits are JSON of known names');
  const name = tooHigh(limits, before);
  if (name === undefined) return;
  const details = { limit: name, highest: HIGHEST_LIMITS[name] };
  throw new Refusal('too_large', `the limit ${name} is higher than what a world can keep`, details);
}

/** Refuses rules that this version does not know. */
export function demandRules(policyMode: string, lockPolicy: string): void {
  demand(POLICY_MODES.includes(policyMode as PolicyMode), 'bad_request', 'unknown policy');
  demand(LOCK_POLICIES.includes(lockPolicy as LockPolicy), 'bad_request', 'unknown lock policy');
}

function appendPolicy(
  history: History,
  author: Who,
  workspace: Row<'workspace'>,
  news: Pick<PolicyPayload, 'paths' | 'quotas' | 'restorations' | 'exportRule'> = {},
): void {
  const { name, worldEpoch, policyMode, lockPolicy, limits, baseCommit = '' } = workspace;
  history.appendFileless({
    opId: history.nextModuleOpId(),
    kind: 'policy',
    author,
    payload: writePayload('policy', {
      name,
      worldEpoch,
      policyMode,
      lockPolicy,
      limits,
      baseCommit,
      ...news,
    }),
  });
}
