import { chmod, mkdir, open, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { HostError, systemCode } from './host-error.ts';
import { replaceFile } from './replace-file.ts';

/** The files of one `AGENT_WORLD_HOME` that concern the host's life; absolute paths. */
export interface Home {
  readonly root: string;
  /** Where the running host can be reached, and how it proves itself. */
  readonly record: string;
  /** Held by the running host for as long as it lives. */
  readonly hostLock: string;
  /** Held by whoever starts a host, while starting it. */
  readonly startLock: string;
  /** Why the last start failed. */
  readonly startupReport: string;
  /** The last block of folder-lease numbers given out. */
  readonly leaseEpoch: string;
  readonly logs: string;
  readonly bin: string;
}

/**
 * Creates the home where it is missing and checks that nobody else can change it.
 * Throws `HostError` with `home_unsafe` or `home_unusable`.
 */
export async function openHome(root: string): Promise<Home> {
  if (!path.isAbsolute(root)) {
    throw new HostError('home_unusable', `Agent World's home must be an absolute path: ${root}`);
  }
  const home = homeAt(root);
  try {
    await mkdir(root, { recursive: true, mode: PRIVATE_DIRECTORY });
    await refuseUnsafeDirectory(root);
    for (const directory of [home.logs, home.bin]) {
      await mkdir(directory, { recursive: true, mode: PRIVATE_DIRECTORY });
    }
  } catch (error) {
    if (error instanceof HostError) throw error;
    throw new HostError('home_unusable', `Agent World cannot use its home ${root}`, {
      cause: error,
    });
  }
  return home;
}

/** The layout of a home, without touching the disk. */
export function homeAt(root: string): Home {
  return {
    root,
    record: path.join(root, 'host.json'),
    hostLock: path.join(root, 'host.lock'),
    startLock: path.join(root, 'start.lock'),
    startupReport: path.join(root, 'startup-report.json'),
    leaseEpoch: path.join(root, 'lease-epoch'),
    logs: path.join(root, 'logs'),
    bin: path.join(root, 'bin'),
  };
}

/** `AGENT_WORLD_HOME`, or else the place this platform keeps a user's application data. */
export function defaultHomePath(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  userDirectory: string = homedir(),
): string {
  const chosen = environment['AGENT_WORLD_HOME'];
  if (chosen) return path.resolve(chosen);
  if (platform === 'win32') {
    const local = environment['LOCALAPPDATA'] ?? path.win32.join(userDirectory, 'AppData', 'Local');
    return path.win32.join(local, 'agent-world');
  }
  if (platform === 'darwin') {
    return path.posix.join(userDirectory, 'Library', 'Application Support', 'agent-world');
  }
  const data = environment['XDG_DATA_HOME'];
  // The XDG specification says to ignore a relative path.
  const base =
    data && path.isAbsolute(data) ? data : path.posix.join(userDirectory, '.local/share');
  return path.posix.join(base, 'agent-world');
}

/** Replaces a file whole: a reader, or a crash at any point, sees the old text or the new. */
export async function writeFileAtomically(
  file: string,
  text: string,
  mode: number = PRIVATE_FILE,
): Promise<void> {
  const draft = `${file}.${crypto.randomUUID()}.tmp`;
  await replaceFile(file, text, { draft, mode, isSynced: true });
  await syncDirectory(path.dirname(file));
}

const PRIVATE_DIRECTORY = 0o700;
const PRIVATE_FILE = 0o600;
const WRITABLE_BY_OTHERS = 0o022;
const OPEN_TO_OTHERS = 0o077;

async function refuseUnsafeDirectory(root: string): Promise<void> {
  const status = await stat(root);
  if (!status.isDirectory()) {
    throw new HostError('home_unusable', `Agent World's home ${root} is not a directory`);
  }
  const user = process.getuid?.();
  if (user === undefined) return; // Windows: a user's data folder is private by its access list
  if (status.uid !== user) {
    throw new HostError('home_unsafe', `Agent World's home ${root} belongs to another user`);
  }
  if ((status.mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new HostError(
      'home_unsafe',
      `Others may write to Agent World's home ${root}; run: chmod go-w '${root}'`,
    );
  }
  if ((status.mode & OPEN_TO_OTHERS) !== 0) await chmod(root, PRIVATE_DIRECTORY);
}

async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return; // a directory cannot be opened there
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems refuse to sync a directory; the rename itself has happened.
    if (systemCode(error) !== 'EINVAL') throw error;
  } finally {
    await handle.close();
  }
}
