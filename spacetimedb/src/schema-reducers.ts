import type { SchemaKit, WorldTypes } from './schema-types.ts';

/** Arguments of every reducer that clients may call, by its name. `author` as in `SubmittedOp`. */
export function reducerArguments({ t }: Pick<SchemaKit, 't'>, types: WorldTypes) {
  return {
    apply_file_ops: { batch: types.batch },
    create_file: { author: t.string(), file: types.newFile },
    /** The short form of a batch, as `core/short-edit.ts` makes it. */
    type_text: {
      op: t.u128(),
      fileId: t.u32(),
      version: t.u32(),
      startLine: t.u32(),
      startCharacter: t.u32(),
      endLine: t.u32(),
      endCharacter: t.u32(),
      text: t.string(),
    },
    /** As `apply_file_ops`, for text that stood in its files before: whoever wrote it is its author. */
    return_text: { batch: types.batch, returned: t.array(types.returnedText) },
    /** Many creates in one transaction, about 1 MiB of content a call. */
    import_files: { batchId: t.string(), author: t.string(), files: t.array(types.newFile) },
    /** `fromPath` is the path that the author saw. */
    rename_file: {
      opId: t.string(),
      author: t.string(),
      fileId: t.u32(),
      expectedBaseVersion: t.u32(),
      fromPath: t.string(),
      path: t.string(),
    },
    /** Files of a folder that has another name, all of them or none. */
    rename_files: { batchId: t.string(), author: t.string(), files: t.array(types.movedFile) },
    /**
     * Edits, makes, moves and deletes several files, step by step: all of it or nothing. Where one step cannot
     * follow, all wait in one ticket. `turn` names the session in whose turn it is done; empty where nobody knows.
     */
    change_files: {
      batchId: t.string(),
      author: t.string(),
      turn: t.string(),
      steps: t.array(types.fileStep),
    },
    /**
     * Keeps what agents did to files, or takes it back by `steps`: all of it or nothing. Only people decide.
     * `returned` names pieces of the steps' text that stood in their files before; `op` is the step's place.
     */
    review_files: {
      batchId: t.string(),
      reviews: t.array(types.fileReview),
      steps: t.array(types.fileStep),
      returned: t.array(types.returnedText),
    },
    /** The same, and says in the same breath what agents are told of it: one message a member. */
    review_and_tell: {
      batchId: t.string(),
      reviews: t.array(types.fileReview),
      steps: t.array(types.fileStep),
      returned: t.array(types.returnedText),
      told: t.array(types.told),
    },
    delete_file: {
      opId: t.string(),
      author: t.string(),
      fileId: t.u32(),
      expectedBaseVersion: t.u32(),
    },
    /** Brings a deleted file back at `path`, or where it was when that is empty. */
    restore_file: {
      opId: t.string(),
      author: t.string(),
      fileId: t.u32(),
      expectedBaseVersion: t.u32(),
      path: t.string(),
    },
    set_file_mode: {
      opId: t.string(),
      author: t.string(),
      fileId: t.u32(),
      expectedBaseVersion: t.u32(),
      mode: t.string(),
      eol: t.string(),
      bom: t.bool(),
    },
    /** Lines of a version, as `core/other-ends.ts` writes them: those are to end in CRLF, these in LF. */
    set_line_ends: {
      opId: t.string(),
      author: t.string(),
      fileId: t.u32(),
      expectedBaseVersion: t.u32(),
      crlf: t.string(),
      lf: t.string(),
    },
    /** A whole new content, for binary files and for files that change between text and binary. */
    replace_content: {
      opId: t.string(),
      author: t.string(),
      fileId: t.u32(),
      expectedBaseVersion: t.u32(),
      content: types.content,
    },
    /** `expectedHeadVersion` is that of the ticket's own file; `parts` name other files' and patches. */
    resolve_conflict: {
      opId: t.string(),
      ticketId: t.u32(),
      expectedHeadVersion: t.u32(),
      resolution: t.string(),
      parts: t.array(types.resolutionPart),
    },
    /** As `resolve_conflict`, for whoever reads texts that are not in the ticket's row. */
    resolve_ticket: {
      opId: t.string(),
      ticketId: t.u32(),
      expectedHeadVersion: t.u32(),
      resolution: t.string(),
      parts: t.array(types.resolutionPart),
    },
    checkpoint_file: { fileId: t.u32() },
    rebuild_file_from_snapshot: { fileId: t.u32(), version: t.u32() },
    update_presence: {
      fileId: t.u32(),
      version: t.u32(),
      selections: t.array(types.selection),
      typing: t.bool(),
      activity: t.string(),
    },
    take_place: {},
    move_caret: { caret: t.u64() },
    /** Claims lines, both included, as they stood in `version`. */
    acquire_soft_lock: {
      requestId: t.string(),
      fileId: t.u32(),
      version: t.u32(),
      firstLine: t.u32(),
      lastLine: t.u32(),
      reason: t.string(),
      durationMs: t.u32(),
    },
    release_soft_lock: { lockId: t.u32() },
    /** As `acquire_soft_lock`, and ends half a minute after nobody renews it any more. */
    lease_lines: {
      requestId: t.string(),
      fileId: t.u32(),
      version: t.u32(),
      firstLine: t.u32(),
      lastLine: t.u32(),
      reason: t.string(),
      durationMs: t.u32(),
    },
    /** Claims a path, or what a glob of `core/path-glob.ts` stands for; a lease ends as `lease_lines` says. */
    claim_path: {
      requestId: t.string(),
      pattern: t.string(),
      isGlob: t.bool(),
      reason: t.string(),
      durationMs: t.u32(),
      isLease: t.bool(),
    },
    release_path: { claimId: t.u32() },
    /** The caller's leases go on, all of them. */
    renew_leases: {},
    create_invite: {
      secretHash: t.string(),
      role: t.string(),
      kind: t.string(),
      capabilities: t.array(t.string()),
      pathScope: t.array(t.string()),
      expiresAt: t.timestamp(),
      uses: t.u32(),
    },
    revoke_invite: { secretHash: t.string() },
    /** Ends an invite by what the history calls it. */
    end_invite: { inviteId: t.string() },
    set_member: {
      identity: t.identity(),
      role: t.string(),
      capabilities: t.array(t.string()),
      pathScope: t.array(t.string()),
      paused: t.bool(),
    },
    remove_member: { identity: t.identity() },
    /** A member's own names and colour. */
    set_profile: {
      displayName: t.string(),
      gitName: t.string(),
      gitEmail: t.string(),
      color: t.string(),
    },
    set_policy: { policyMode: t.string(), lockPolicy: t.string(), limits: t.string() },
    /** How much members and the world may keep, as `core/quota.ts` says. */
    set_quotas: { memberMebibytes: t.u32(), memberNotes: t.u32(), worldMebibytes: t.u32() },
    rename_world: { name: t.string() },
    /** `kind` is checkpoint or message; `to` 64 hex digits, or empty for all. */
    add_note: { opId: t.string(), kind: t.string(), to: t.string(), text: t.string() },
    /** Writes down where the world met a repository: `point` is JSON of a `GitPoint`. */
    mark_git_point: { opId: t.string(), point: t.string(), text: t.string() },
    /** Asks what shall become of what a tool wrote in the caller's folder. `owners` are 64 hex digits each. */
    ask_restoration: {
      opId: t.string(),
      cause: t.string(),
      folderName: t.string(),
      files: t.array(types.restorationFile),
      fileCount: t.u32(),
      owners: t.array(t.string()),
    },
    /** `answer` is put_back, take or leave; after leave one of the others may still be given. */
    answer_restoration: { opId: t.string(), restorationId: t.u32(), answer: t.string() },
    /** The folder is in step again by itself. */
    withdraw_restoration: { opId: t.string(), restorationId: t.u32() },
    /**
     * An agent's client begins a turn in one of its sessions. `prompt` is empty where it is not to be kept;
     * else `salt` are 32 random bytes.
     */
    begin_turn: {
      opId: t.string(),
      session: t.string(),
      name: t.string(),
      client: t.string(),
      title: t.string(),
      prompt: t.string(),
      salt: t.byteArray(),
    },
    end_turn: { opId: t.string(), session: t.string() },
    erase_prompt: { opId: t.string(), turnId: t.u32() },
    /** What comes over this connection belongs to the turns of that session; empty for none. */
    take_session: { session: t.string() },
    /** Whether folders of agents, and of people, ask or take: `ask` or `take`. */
    set_restorations: { agents: t.string(), people: t.string() },
    /** What an export needs: `any` or `reviewed`. */
    set_export_rule: { rule: t.string() },
    /**
     * Replays a log taken elsewhere into a world without a name, about 1 MiB a call; a call ends where
     * a batch ends. `expectedHead` comes with the last call; the names are for who becomes its owner.
     */
    import_log: {
      ops: t.array(types.loggedOp),
      parts: t.array(types.contentPart),
      expectedHead: t.option(types.logHead),
      displayName: t.string(),
      gitName: t.string(),
      gitEmail: t.string(),
      color: t.string(),
    },
    /** Names a world once after publishing; the caller is its owner since `init`. */
    configure_world: {
      name: t.string(),
      worldEpoch: t.string(),
      policyMode: t.string(),
      lockPolicy: t.string(),
      limits: t.string(),
      baseCommit: t.option(t.string()),
      displayName: t.string(),
      gitName: t.string(),
      gitEmail: t.string(),
      color: t.string(),
    },
  };
}
