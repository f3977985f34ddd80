import type { t as typeBuilders, table as makeTable } from 'spacetimedb';

/**
 * The building kit of `spacetimedb/server` in the module, of `spacetimedb` in clients. The two are
 * bundled apart and do not know each other's objects, so each side hands in its own.
 */
export interface SchemaKit {
  readonly t: typeof typeBuilders;
  readonly table: typeof makeTable;
}

/** Composite types of the world. Positions count from zero, characters in UTF-16 code units. */
export function worldTypes({ t }: Pick<SchemaKit, 't'>) {
  const change = t.object('Change', {
    startLine: t.u32(),
    startCharacter: t.u32(),
    endLine: t.u32(),
    endCharacter: t.u32(),
    text: t.string(),
  });
  const rangeHash = t.object('RangeHash', {
    startLine: t.u32(),
    startCharacter: t.u32(),
    endLine: t.u32(),
    endCharacter: t.u32(),
    hash: t.byteArray(),
  });
  /** One edit as its author's side sends it; `author` is 64 hex digits, or empty for the sender. */
  const submittedOp = t.object('SubmittedOp', {
    opId: t.string(),
    fileId: t.u32(),
    expectedBaseVersion: t.u32(),
    intent: t.string(),
    author: t.string(),
    carriedFrom: t.u32(),
    overlaps: t.array(t.u32()),
    rangeHashes: t.array(rangeHash),
    changes: t.array(change),
  });
  const batch = t.object('Batch', {
    batchId: t.string(),
    /** Ticket that these edits join; 0 for none. */
    extends: t.u32(),
    ops: t.array(submittedOp),
  });
  /** Whole content: `text` for kind text (LF line ends, no byte order mark), else `bytes`. */
  const content = t.object('FileContent', {
    kind: t.string(),
    eol: t.string(),
    bom: t.bool(),
    text: t.string(),
    bytes: t.byteArray(),
  });
  const newFile = t.object('NewFile', {
    opId: t.string(),
    path: t.string(),
    mode: t.string(),
    content,
  });
  /** What a ticket proposes for one file. */
  const ticketPart = t.object('TicketPart', {
    fileId: t.u32(),
    /** The version `proposed` is relative to. */
    baseVersion: t.u32(),
    /** The version from which on `changes` and the range hold: they are moved as ops land. */
    headVersion: t.u32(),
    /** As the author meant it, relative to the base. */
    proposed: t.array(change),
    /** What resolving by `rebase` would apply now; empty when the base is too far behind. */
    changes: t.array(change),
    /** The disputed range in the head. */
    startLine: t.u32(),
    startCharacter: t.u32(),
    endLine: t.u32(),
    endCharacter: t.u32(),
    baseText: t.string(),
    proposedText: t.string(),
    headText: t.string(),
  });
  const resolutionPart = t.object('ResolutionPart', {
    fileId: t.u32(),
    expectedHeadVersion: t.u32(),
    /** For resolution `patch`, relative to the expected head version. */
    changes: t.array(change),
  });
  /** `anchor` is where a selection began, `active` where the cursor is. */
  const selection = t.object('Selection', {
    anchorLine: t.u32(),
    anchorCharacter: t.u32(),
    activeLine: t.u32(),
    activeCharacter: t.u32(),
  });
  return {
    change,
    rangeHash,
    submittedOp,
    batch,
    content,
    newFile,
    ticketPart,
    resolutionPart,
    selection,
  };
}

export type WorldTypes = ReturnType<typeof worldTypes>;

/** Tables that every member may read. In SQL, columns are spelled in snake case: `file_id`. */
export function publicTables({ t, table }: SchemaKit, types: WorldTypes) {
  return {
    /** One row, id 1. `limits` is JSON of those that differ from the defaults, or empty. */
    workspace: table(
      { name: 'workspace', public: true },
      {
        id: t.u32().primaryKey(),
        name: t.string(),
        protocolVersion: t.u32(),
        chainFormat: t.u32(),
        /** 64 hex digits made by the publisher; empty until the world is configured. */
        worldEpoch: t.string(),
        policyMode: t.string(),
        lockPolicy: t.string(),
        limits: t.string(),
        headSeq: t.u32(),
        headChainHash: t.byteArray(),
        baseCommit: t.option(t.string()),
        createdBy: t.identity(),
        createdAt: t.timestamp(),
      },
    ),
    workspace_member: table(
      { name: 'workspace_member', public: true },
      {
        identity: t.identity().primaryKey(),
        kind: t.string(),
        displayName: t.string(),
        gitName: t.string(),
        gitEmail: t.string(),
        color: t.string(),
        role: t.string(),
        capabilities: t.array(t.string()),
        pathScope: t.array(t.string()),
        paused: t.bool(),
        joinedAt: t.timestamp(),
        removedAt: t.option(t.timestamp()),
      },
    ),
    file_head: table(
      { name: 'file_head', public: true },
      {
        /** The sequence number of the op that created the file. */
        fileId: t.u32().primaryKey(),
        path: t.string(),
        /** Folded path, unique among living files; `/` and the file id for deleted ones. */
        pathKey: t.string().unique(),
        version: t.u32(),
        contentHash: t.byteArray(),
        /** UTF-8 bytes of the text with LF line ends; of a binary file its size. */
        byteLength: t.u32(),
        lineCount: t.u32(),
        eol: t.string(),
        bom: t.bool(),
        mode: t.string(),
        kind: t.string(),
        deleted: t.bool(),
        snapshotVersion: t.u32(),
        updatedBy: t.identity(),
        updatedAt: t.timestamp(),
      },
    ),
    file_op: table(
      {
        name: 'file_op',
        public: true,
        indexes: [
          {
            accessor: 'byFileVersion',
            name: 'file_op_file_id_version',
            algorithm: 'btree',
            columns: ['fileId', 'version'],
          },
        ],
      },
      {
        opSeq: t.u32().primaryKey(),
        opId: t.string().unique(),
        batchId: t.string(),
        fileId: t.u32(),
        version: t.u32(),
        kind: t.string(),
        actor: t.identity(),
        author: t.identity(),
        madeAt: t.timestamp(),
        expectedBaseVersion: t.u32(),
        carriedFrom: t.u32(),
        intent: t.string(),
        changes: t.array(types.change),
        payload: t.string(),
        overlaps: t.array(t.u32()),
        overwrote: t.array(t.u32()),
        firstLine: t.u32(),
        lastLine: t.u32(),
        lineDelta: t.i32(),
        payloadHash: t.byteArray(),
        beforeHash: t.byteArray(),
        afterHash: t.byteArray(),
        chainHash: t.byteArray(),
      },
    ),
    file_snapshot: table(
      {
        name: 'file_snapshot',
        public: true,
        indexes: [
          {
            accessor: 'byFileVersion',
            name: 'file_snapshot_file_id_version',
            algorithm: 'btree',
            columns: ['fileId', 'version'],
          },
        ],
      },
      {
        /** The sequence number of the op that wrote it. */
        snapshotId: t.u32().primaryKey(),
        fileId: t.u32(),
        version: t.u32(),
        opSeq: t.u32(),
        contentHash: t.byteArray(),
        kind: t.string(),
        /** Keys of content chunks in order; texts are joined by a line feed, bytes as they are. */
        parts: t.array(t.string()),
      },
    ),
    content_chunk: table(
      { name: 'content_chunk', public: true },
      {
        /** 64 hex digits of the part's content hash. */
        hash: t.string().primaryKey(),
        text: t.option(t.string()),
        bytes: t.option(t.byteArray()),
      },
    ),
    presence: table(
      { name: 'presence', public: true },
      {
        connectionId: t.connectionId().primaryKey(),
        identity: t.identity(),
        /** 0 when in no file. */
        fileId: t.u32(),
        activity: t.string(),
        seenAt: t.timestamp(),
      },
    ),
    presence_event: table(
      { name: 'presence_event', public: true, event: true },
      {
        identity: t.identity(),
        connectionId: t.connectionId(),
        fileId: t.u32(),
        version: t.u32(),
        selections: t.array(types.selection),
        typing: t.bool(),
      },
    ),
    soft_lock: table(
      { name: 'soft_lock', public: true },
      {
        lockId: t.u32().primaryKey().autoInc(),
        /** The id its holder asked under: lets them know it again, and makes a retry harmless. */
        requestId: t.string(),
        fileId: t.u32().index('btree'),
        holder: t.identity(),
        /** Both included, in the head's coordinates. */
        firstLine: t.u32(),
        lastLine: t.u32(),
        reason: t.string(),
        acquiredAt: t.timestamp(),
        expiresAt: t.timestamp(),
      },
    ),
    conflict_ticket: table(
      { name: 'conflict_ticket', public: true },
      {
        /** The sequence number of the op that opened it. */
        ticketId: t.u32().primaryKey(),
        batchId: t.string(),
        /** The op that could not be applied, and its file; 0 where there is no file yet. */
        opId: t.string(),
        fileId: t.u32().index('btree'),
        /** What was refused: edit, create, rename, delete, restore or mode. */
        kind: t.string(),
        actor: t.identity(),
        author: t.identity(),
        /** overlap, concurrent, range_changed, too_stale, deleted, path_taken, renamed, extends. */
        reason: t.string(),
        baseVersion: t.u32(),
        headVersion: t.u32(),
        parts: t.array(types.ticketPart),
        /** JSON of a refused create, rename, restore or mode; empty for edits. */
        payload: t.string(),
        overlapping: t.array(t.u32()),
        /** The closed ticket whose text these edits built on; 0 for none. */
        extends: t.u32(),
        /** open, resolved or withdrawn. */
        status: t.string().index('btree'),
        /** accept_head, rebase or patch; empty while open. */
        resolution: t.string(),
        openedAt: t.timestamp(),
        resolvedBy: t.option(t.identity()),
        resolvedAt: t.option(t.timestamp()),
        resolutionOpSeq: t.u32(),
      },
    ),
    /** A caller's typed result; callers watch `actor` = themselves. */
    op_outcome: table(
      { name: 'op_outcome', public: true, event: true },
      {
        opId: t.string(),
        actor: t.identity(),
        /** applied, rebased, ticket, held or duplicate. */
        outcome: t.string(),
        opSeq: t.u32(),
        version: t.u32(),
        ticketId: t.u32(),
      },
    ),
    conflict_event: table(
      { name: 'conflict_event', public: true, event: true },
      {
        ticketId: t.u32(),
        opId: t.string(),
        actor: t.identity(),
        fileId: t.u32(),
        /** opened, extended, resolved or withdrawn. */
        what: t.string(),
      },
    ),
    audit_event: table(
      { name: 'audit_event', public: true, event: true },
      {
        requestedBy: t.identity(),
        fileId: t.u32(),
        version: t.u32(),
        /** verified, or what does not fit: content_hash, before_hash, chain, missing, too_long. */
        outcome: t.string(),
        /** The first op that does not fit; 0 when verified. */
        opSeq: t.u32(),
      },
    ),
  };
}

/** Tables that only the module reads: clients leave them out of their schema. */
export function privateTables({ t, table }: SchemaKit) {
  return {
    invite: table(
      { name: 'invite' },
      {
        /** SHA-256 of the secret, 64 hex digits; the secret itself never enters the module. */
        secretHash: t.string().primaryKey(),
        role: t.string(),
        kind: t.string(),
        capabilities: t.array(t.string()),
        pathScope: t.array(t.string()),
        expiresAt: t.timestamp(),
        usesLeft: t.u32(),
        createdBy: t.identity(),
      },
    ),
    /** Files that an open ticket proposes to change, so that landing ops find and move it. */
    open_ticket_file: table(
      { name: 'open_ticket_file' },
      {
        entryId: t.u32().primaryKey().autoInc(),
        fileId: t.u32().index('btree'),
        ticketId: t.u32().index('btree'),
        actor: t.identity().index('btree'),
      },
    ),
    /** How many living files lie at or below a folder, so that no file takes a folder's name. */
    folder: table({ name: 'folder' }, { pathKey: t.string().primaryKey(), files: t.u32() }),
    /** Files far enough past their snapshot for maintenance to write the next one. */
    snapshot_due: table({ name: 'snapshot_due' }, { fileId: t.u32().primaryKey() }),
    maintenance_schedule: table(
      { name: 'maintenance_schedule' },
      {
        scheduledId: t.u64().primaryKey().autoInc(),
        scheduledAt: t.scheduleAt(),
      },
    ),
  };
}

/** Arguments of every reducer that clients may call, by its name. `author` as in `SubmittedOp`. */
export function reducerArguments({ t }: Pick<SchemaKit, 't'>, types: WorldTypes) {
  return {
    apply_file_ops: { batch: types.batch },
    create_file: { author: t.string(), file: types.newFile },
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
    checkpoint_file: { fileId: t.u32() },
    rebuild_file_from_snapshot: { fileId: t.u32(), version: t.u32() },
    update_presence: {
      fileId: t.u32(),
      version: t.u32(),
      selections: t.array(types.selection),
      typing: t.bool(),
      activity: t.string(),
    },
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
