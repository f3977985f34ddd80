/**
 * What a world's module can do, told by its `hello` route before a client subscribes. It goes up when
 * tables or reducers are added that clients ask for; a client that needs them on a lower level does
 * without, or says `upgrade_needed`. The protocol's version is another thing: it goes up when clients
 * of before cannot read a world any more.
 *
 * - 1: 0.1.0, whose `hello` names no level.
 * - 2: pages of the log, ticket texts in a table of their own, quotas, origins of members,
 *   short movements, the table by which paths are told apart.
 * - 3: text that comes back belongs to who wrote it, and folders ask before they take old text; the files
 *   of a folder move together.
 * - 4: several files are changed in one call, whatever is done to each; claims on files and folders, and
 *   claims that end with the session that made them; turns of agents; what an agent writes in its person's folder.
 * - 5: what agents did is reviewed.
 * - 6: agents are told of a review by the call that makes it; who paused a member, and when.
 * - 7: a world can ask for review before an export.
 * - 8: lines of a text can end otherwise than the others.
 */
export const MODULE_LEVEL = 8;

/** From this level on carets are told shortly. */
export const CARETS_LEVEL = 2;

/** From this level on what is typed is sent shortly. */
export const SHORT_EDITS_LEVEL = 2;

/** From this level on a world is told which text came back. */
export const RETURNED_LEVEL = 3;

/** From this level on a folder can ask before it takes old text. */
export const RESTORATIONS_LEVEL = 3;

/** From this level on the files of a folder move together. */
export const RENAME_FILES_LEVEL = 3;

/** From this level on one call edits, makes, moves and deletes several files. */
export const CHANGE_FILES_LEVEL = 4;

/** From this level on whole files and folders can be claimed, and claims can be leases. */
export const PATH_CLAIMS_LEVEL = 4;

/** From this level on a person may say that an agent of their own wrote something. */
export const OWN_AGENTS_LEVEL = 4;

/** From this level on a world knows turns of agents. */
export const TURNS_LEVEL = 4;

/** From this level on a world knows what agents did and nobody has looked at. */
export const REVIEWS_LEVEL = 5;

/** From this level on a decision and what agents are told of it are one call. */
export const TOLD_REVIEWS_LEVEL = 6;

/** From this level on a world tells who paused a member. */
export const PAUSES_LEVEL = 6;

/** From this level on a world can ask for review before an export. */
export const EXPORT_RULES_LEVEL = 7;

/** From this level on each line of a text has its own end. */
export const LINE_ENDS_LEVEL = 8;

/** Of a module that names none. */
export const FIRST_MODULE_LEVEL = 1;
