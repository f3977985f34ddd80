import { claimTables } from './schema-claims.ts';
import { pageTables } from './schema-pages.ts';
import { restorationTables } from './schema-restorations.ts';
import { reviewTables } from './schema-reviews.ts';
import { turnTables } from './schema-turns.ts';
import type { SchemaKit, WorldTypes } from './schema-types.ts';
import { usageTables } from './schema-usage.ts';

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
        baseCommit: t.option(t.string()),
        createdBy: t.identity(),
        createdAt: t.timestamp(),
      },
    ),
    /** One row, id 1: by which table of `core/path-folding.ts` paths are told apart; no row means 0. */
    world_format: table(
      { name: 'world_format', public: true },
      { id: t.u32().primaryKey(), pathTable: t.u32() },
    ),
    /**
     * The newest op of all. One row, id 1, apart from `workspace`: every op rewrites it, and who
     * watches the world need not hear of it twice.
     */
    log_head: table(
      { name: 'log_head', public: true },
      {
        id: t.u32().primaryKey(),
        opSeq: t.u32(),
        chainHash: t.byteArray(),
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
    /** By whose invite a member came, where the history tells. */
    member_origin: table(
      { name: 'member_origin', public: true },
      {
        identity: t.identity().primaryKey(),
        invitedBy: t.identity(),
        /** Names the invite, as `end_invite` takes it; it lets nobody in. */
        inviteId: t.string(),
        /** The number of the op that says so. */
        joinedSeq: t.u32(),
      },
    ),
    /** By whom a member is paused, and since when, where the history tells; without a row they are not paused. */
    member_pause: table(
      { name: 'member_pause', public: true },
      {
        identity: t.identity().primaryKey(),
        pausedBy: t.identity(),
        pausedAt: t.timestamp(),
        /** The number of the op that says so. */
        pausedSeq: t.u32(),
      },
    ),
    ...usageTables({ t, table }),
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
    /** Texts some of whose lines end otherwise than `file_head.eol` says; none of the others has a row. */
    line_ends: table(
      { name: 'line_ends', public: true },
      {
        fileId: t.u32().primaryKey(),
        /** How many line ends the text has. */
        ends: t.u32(),
        /** Which lines, as `core/other-ends.ts` writes them. */
        others: t.string(),
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
        identity: t.identity().index('btree'),
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
    /** Connections whose clients understand short movements, by a number that is short, too. */
    presence_place: table(
      { name: 'presence_place', public: true },
      { place: t.u16().primaryKey(), connectionId: t.connectionId().unique() },
    ),
    /** A movement within the file that the connection's row of `presence` names; see `packed-caret.ts`. */
    caret_moved: table(
      { name: 'caret_moved', public: true, event: true },
      { place: t.u16(), caret: t.u64() },
    ),
    soft_lock: table(
      { name: 'soft_lock', public: true },
      {
        lockId: t.u32().primaryKey().autoInc(),
        /** The id its holder asked under: lets them know it again, and makes a retry harmless. */
        requestId: t.string(),
        fileId: t.u32().index('btree'),
        holder: t.identity().index('btree'),
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
        /**
         * What it proposes for each file. Where the row would be longer than 16 KiB the texts are in
         * `ticket_text`, and `payload` says so; then the places of some files are here.
         */
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
    /**
     * Texts of open tickets whose row would be too long for everybody to be sent, in pieces of up to
     * 256 KiB. Nobody subscribes to them: they are read by their keys when somebody looks.
     */
    ticket_text: table(
      { name: 'ticket_text', public: true },
      {
        /** Ticket, file (0 for the frame), `frame`, `fixed` or `moving`, and number: `7/3/fixed/0`. */
        pieceKey: t.string().primaryKey(),
        ticketId: t.u32().index('btree'),
        /** How many pieces the value has, and the hash of all of it. */
        pieces: t.u32(),
        valueHash: t.byteArray(),
        bytes: t.byteArray(),
      },
    ),
    /** Named checkpoints and messages, for whoever shows them; the history has them too. */
    note: table(
      { name: 'note', public: true },
      {
        /** The sequence number of its op. */
        noteId: t.u32().primaryKey(),
        /** checkpoint, message, base or export. */
        kind: t.string(),
        author: t.identity(),
        /** The member it is for; none for all. */
        to: t.option(t.identity()),
        text: t.string(),
        madeAt: t.timestamp(),
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
        /** opened, extended, resolved, withdrawn, or settled: both sides became the same. */
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
    ...pageTables({ t, table }),
    ...restorationTables({ t, table }, types),
    ...claimTables({ t, table }),
    ...turnTables({ t, table }),
    ...reviewTables({ t, table }),
  };
}
