import { Router } from 'spacetimedb/server';
import { rebuildFileFromSnapshot } from './audit.ts';
import { changeFiles } from './change-files.ts';
import { createFile, importFiles } from './creates.ts';
import { markGitPoint } from './git-points.ts';
import { importLog } from './import-log.ts';
import { createInvite, endNamedInvite, revokeInvite } from './invites.ts';
import { deleteFile, renameFile, replaceContent, restoreFile, setFileMode } from './lifecycle.ts';
import { setLineEnds } from './set-line-ends.ts';
import { acquireSoftLock, leaseLines, releaseSoftLock } from './locks.ts';
import { maintain as maintainWorld } from './maintenance.ts';
import { claimPath, releasePath, renewLeases } from './path-claims.ts';
import { renameFiles } from './rename-files.ts';
import { removeMember, setMember, setProfile } from './membership.ts';
import { addNote } from './notes.ts';
import { moveCaret, takePlace } from './carets.ts';
import {
  configureWorld,
  init as initWorld,
  renameWorld,
  setPolicy,
  setQuotas,
  setExportRule,
  setRestorations,
} from './policy.ts';
import { clientConnected, clientDisconnected, updatePresence } from './presence.ts';
import { resolveConflict, resolveTicket } from './resolve.ts';
import { answerRestoration, askRestoration, withdrawRestoration } from './restorations.ts';
import { reviewAndTell, reviewFiles } from './review-files.ts';
import { hello as answerHello, join as answerJoin } from './routes.ts';
import { checkpointFile } from './snapshots.ts';
import { beginTurn, endTurn, erasePrompt, takeSession } from './turns.ts';
import {
  type Arguments,
  type Context,
  maintenanceSchedule,
  reducerArgs,
  refusing,
  refusingAlways,
  world,
} from './world.ts';
import { applyFileOps, returnText, typeText } from './write-path.ts';

export default world;

export const init = world.init(refusingAlways('init', (ctx) => initWorld(ctx)));
export const client_connected = world.clientConnected(
  refusingAlways('client_connected', (ctx) => clientConnected(ctx)),
);
export const client_disconnected = world.clientDisconnected(
  refusingAlways('client_disconnected', (ctx) => clientDisconnected(ctx)),
);
export const maintain = world.reducer(
  { onSchedule: maintenanceSchedule },
  { row: maintenanceSchedule.rowType },
  refusingAlways('maintain', (ctx) => maintainWorld(ctx)),
);

export const apply_file_ops = served('apply_file_ops', applyFileOps);
export const type_text = served('type_text', typeText);
export const return_text = served('return_text', returnText);
export const create_file = served('create_file', createFile);
export const import_files = served('import_files', importFiles);
export const rename_file = served('rename_file', renameFile);
export const rename_files = served('rename_files', renameFiles);
export const change_files = served('change_files', changeFiles);
export const review_files = served('review_files', reviewFiles);
export const review_and_tell = served('review_and_tell', reviewAndTell);
export const delete_file = served('delete_file', deleteFile);
export const restore_file = served('restore_file', restoreFile);
export const set_file_mode = served('set_file_mode', setFileMode);
export const set_line_ends = served('set_line_ends', setLineEnds);
export const replace_content = served('replace_content', replaceContent);
export const resolve_conflict = served('resolve_conflict', resolveConflict);
export const checkpoint_file = served('checkpoint_file', checkpointFile);
export const resolve_ticket = served('resolve_ticket', resolveTicket);
export const rebuild_file_from_snapshot = served(
  'rebuild_file_from_snapshot',
  rebuildFileFromSnapshot,
);

export const take_place = served('take_place', (ctx) => takePlace(ctx));
export const move_caret = served('move_caret', moveCaret);
export const update_presence = served('update_presence', updatePresence);
export const acquire_soft_lock = served('acquire_soft_lock', acquireSoftLock);
export const release_soft_lock = served('release_soft_lock', releaseSoftLock);
export const lease_lines = served('lease_lines', leaseLines);
export const claim_path = served('claim_path', claimPath);
export const release_path = served('release_path', releasePath);
export const renew_leases = served('renew_leases', (ctx) => renewLeases(ctx));

export const create_invite = served('create_invite', createInvite);
export const revoke_invite = served('revoke_invite', revokeInvite);
export const end_invite = served('end_invite', endNamedInvite);
export const set_member = served('set_member', setMember);
export const remove_member = served('remove_member', removeMember);
export const set_profile = served('set_profile', setProfile);
export const set_policy = served('set_policy', setPolicy);
export const set_quotas = served('set_quotas', setQuotas);
export const set_export_rule = served('set_export_rule', setExportRule);
export const set_restorations = served('set_restorations', setRestorations);
export const begin_turn = served('begin_turn', beginTurn);
export const end_turn = served('end_turn', endTurn);
export const erase_prompt = served('erase_prompt', erasePrompt);
export const take_session = served('take_session', takeSession);
export const rename_world = served('rename_world', renameWorld);
export const add_note = served('add_note', addNote);
export const mark_git_point = served('mark_git_point', markGitPoint);
export const ask_restoration = served('ask_restoration', askRestoration);
export const answer_restoration = served('answer_restoration', answerRestoration);
export const withdraw_restoration = served('withdraw_restoration', withdrawRestoration);
export const configure_world = world.reducer(
  {},
  reducerArgs.configure_world,
  refusing('configure_world', configureWorld),
);

export const import_log = world.reducer(
  reducerArgs.import_log,
  refusingAlways('import_log', importLog),
);

export const join = world.httpHandler((ctx, request) => answerJoin(ctx, request));
export const hello = world.httpHandler((ctx, request) => answerHello(ctx, request));
export const routes = world.httpRouter(new Router().post('/join', join).get('/hello', hello));

/** A reducer by its name in the schema, with the budget of that name; refused while a log is imported. */
function served<Name extends keyof typeof reducerArgs>(
  name: Name,
  run: (ctx: Context, args: Arguments<Name>) => void,
) {
  return world.reducer(reducerArgs[name], refusing<Arguments<Name>>(name, run));
}
