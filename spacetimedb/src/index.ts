import { Router } from 'spacetimedb/server';
import { rebuildFileFromSnapshot } from './audit.ts';
import { createFile, importFiles } from './creates.ts';
import { markGitPoint } from './git-points.ts';
import { importLog } from './import-log.ts';
import { createInvite, endNamedInvite, revokeInvite } from './invites.ts';
import { deleteFile, renameFile, replaceContent, restoreFile, setFileMode } from './lifecycle.ts';
import { acquireSoftLock, releaseSoftLock } from './locks.ts';
import { maintain as maintainWorld } from './maintenance.ts';
import { removeMember, setMember, setProfile } from './membership.ts';
import { addNote } from './notes.ts';
import { moveCaret, takePlace } from './carets.ts';
import { configureWorld, init as initWorld, renameWorld, setPolicy, setQuotas } from './policy.ts';
import { clientConnected, clientDisconnected, updatePresence } from './presence.ts';
import { resolveConflict, resolveTicket } from './resolve.ts';
import { hello as answerHello, join as answerJoin } from './routes.ts';
import { checkpointFile } from './snapshots.ts';
import { maintenanceSchedule, reducerArgs, refusing, refusingAlways, world } from './world.ts';
import { applyFileOps, typeText } from './write-path.ts';

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

export const apply_file_ops = world.reducer(
  reducerArgs.apply_file_ops,
  refusing('apply_file_ops', applyFileOps),
);
export const type_text = world.reducer(reducerArgs.type_text, refusing('type_text', typeText));
export const create_file = world.reducer(
  reducerArgs.create_file,
  refusing('create_file', createFile),
);
export const import_files = world.reducer(
  reducerArgs.import_files,
  refusing('import_files', importFiles),
);
export const rename_file = world.reducer(
  reducerArgs.rename_file,
  refusing('rename_file', renameFile),
);
export const delete_file = world.reducer(
  reducerArgs.delete_file,
  refusing('delete_file', deleteFile),
);
export const restore_file = world.reducer(
  reducerArgs.restore_file,
  refusing('restore_file', restoreFile),
);
export const set_file_mode = world.reducer(
  reducerArgs.set_file_mode,
  refusing('set_file_mode', setFileMode),
);
export const replace_content = world.reducer(
  reducerArgs.replace_content,
  refusing('replace_content', replaceContent),
);
export const resolve_conflict = world.reducer(
  reducerArgs.resolve_conflict,
  refusing('resolve_conflict', resolveConflict),
);
export const checkpoint_file = world.reducer(
  reducerArgs.checkpoint_file,
  refusing('checkpoint_file', checkpointFile),
);
export const resolve_ticket = world.reducer(
  reducerArgs.resolve_ticket,
  refusing('resolve_ticket', resolveTicket),
);
export const rebuild_file_from_snapshot = world.reducer(
  reducerArgs.rebuild_file_from_snapshot,
  refusing('rebuild_file_from_snapshot', rebuildFileFromSnapshot),
);

export const take_place = world.reducer(
  reducerArgs.take_place,
  refusing('take_place', (ctx) => takePlace(ctx)),
);
export const move_caret = world.reducer(reducerArgs.move_caret, refusing('move_caret', moveCaret));
export const update_presence = world.reducer(
  reducerArgs.update_presence,
  refusing('update_presence', updatePresence),
);
export const acquire_soft_lock = world.reducer(
  reducerArgs.acquire_soft_lock,
  refusing('acquire_soft_lock', acquireSoftLock),
);
export const release_soft_lock = world.reducer(
  reducerArgs.release_soft_lock,
  refusing('release_soft_lock', releaseSoftLock),
);

export const create_invite = world.reducer(
  reducerArgs.create_invite,
  refusing('create_invite', createInvite),
);
export const revoke_invite = world.reducer(
  reducerArgs.revoke_invite,
  refusing('revoke_invite', revokeInvite),
);
export const end_invite = world.reducer(
  reducerArgs.end_invite,
  refusing('end_invite', endNamedInvite),
);
export const set_member = world.reducer(reducerArgs.set_member, refusing('set_member', setMember));
export const remove_member = world.reducer(
  reducerArgs.remove_member,
  refusing('remove_member', removeMember),
);
export const set_profile = world.reducer(
  reducerArgs.set_profile,
  refusing('set_profile', setProfile),
);
export const set_policy = world.reducer(reducerArgs.set_policy, refusing('set_policy', setPolicy));
export const set_quotas = world.reducer(reducerArgs.set_quotas, refusing('set_quotas', setQuotas));
export const rename_world = world.reducer(
  reducerArgs.rename_world,
  refusing('rename_world', renameWorld),
);
export const add_note = world.reducer(reducerArgs.add_note, refusing('add_note', addNote));
export const mark_git_point = world.reducer(
  reducerArgs.mark_git_point,
  refusing('mark_git_point', markGitPoint),
);
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
