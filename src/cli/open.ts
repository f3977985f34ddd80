import path from 'node:path';
import type { ImportReport } from '../world/import-folder.ts';
import { openFolder } from '../world/open-folder.ts';
import { readHeadSeq } from '../world/read-head.ts';
import { removeUnfinished } from '../world/unfinished-restores.ts';
import type { Command, Context } from './command.ts';
import { EXIT } from './exit-code.ts';
import { showFileProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { profileIn } from '../world/profile.ts';

export const openCommand: Command = {
  name: 'open',
  usage: 'FOLDER',
  summary: 'make the world of a folder, or find it',
  explanation: `
Starts the host where it is needed and opens the folder's world. The first time it makes one and
brings the folder's files into it: where git is at work, those that git tracks or would track. Files
that are no plain text with one kind of line ends are kept as binary, byte for byte; links are left
out, and the first of what is left out is listed. Prints where the world is, and ends; the world stays.`,
  options: [],
  positionals: [1, 1],
  async run(context, line) {
    const { machine, terminal, signal } = context;
    const folder = path.resolve(line.positionals[0]!);
    await removeUnfinished(machine, machine.defaultServer.label);
    const showProgress = showFileProgress(terminal);
    const { session, world, imported } = await openFolder(machine, {
      folder,
      server: machine.defaultServer,
      profile: await profileIn(folder),
      onProgress: ({ files, totalFiles }) => showProgress(files, totalFiles),
      signal,
    });
    const { name, database, server } = world;
    terminal.json({
      world: name,
      database,
      server,
      // The address of this machine's own host contains its key: the caller is its user.
      uri: session.uri,
      folder: world.folder,
      identity: session.identity,
      files: [...session.view.files.values()].filter((file) => !file.deleted).length,
      headSeq: await readHeadSeq(await session.whenOnline()),
      imported,
    });
    terminal.progress(undefined);
    if (imported) report(context, imported);
    terminal.line(`${world.folder} is open in the world ${name} (${database}).`);
    session.close();
    return EXIT.ok;
  },
};

function report({ terminal }: Context, imported: ImportReport): void {
  const { files, bytes, binary, skipped, disputed } = imported;
  terminal.line(`Brought in ${files} files, ${bytes} bytes; ${binary} as binary.`);
  const leftOut = skipped.map(({ path, why }) => `${path} (${why})`);
  noteSome(terminal, 'left out', leftOut);
  noteSome(terminal, 'different in the world already', disputed);
}

/** Names some, and says how many they are; --json has them all. */
function noteSome(terminal: Terminal, what: string, names: readonly string[]): void {
  for (const name of names.slice(0, MOST_NAMED)) terminal.note(`${what}: ${name}`);
  const more = names.length - MOST_NAMED;
  if (more > 0) terminal.note(`${what}: ${more} more`);
}

const MOST_NAMED = 10;
