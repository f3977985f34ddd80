/**
 * Owns: looking at files of an agent's own folder that are not in the world: what was installed or built
 * there. Never outside of the folder, never through a link out of it, and no secrets unless asked.
 */
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { Text } from '../../core/text.ts';
import { systemCode } from '../../host/host-error.ts';
import { detectContent, readMixedText } from '../../world/text-format.ts';
import { done, refused, type Reply } from './answer.ts';
import { countedLines, type LineSpan, numberedLines } from './numbered-lines.ts';
import { pathInside } from '../../world/path-inside.ts';

/** Undefined where the folder has no such file. */
export async function readOutside(
  folder: string,
  relative: string,
  areSecretsWanted: boolean,
  spanOf: (text: Text) => LineSpan,
): Promise<Reply | undefined> {
  if (isSecret(relative) && !areSecretsWanted) {
    return refused(
      'secret',
      `${relative} is not in the world, and by its name it may hold secrets: it is not shown.`,
      ['Ask the person whom you work for, and then read it with `secrets`.'],
    );
  }
  const bytes = await readInside(folder, relative);
  if (bytes === undefined || typeof bytes === 'string') {
    return bytes === undefined ? undefined : refused('too_large', bytes);
  }
  const content = detectContent(bytes);
  const text = content.kind === 'text' ? content.text : readMixedText(bytes)?.text;
  if (text === undefined)
    return refused('not_text', `${relative} is no text: it has ${bytes.length} bytes.`);
  const whole = Text.of(text);
  const total = countedLines(whole);
  const span = spanOf(whole);
  if (span.firstLine > Math.max(1, total)) {
    return refused(
      'bad_range',
      `${relative} has ${total} lines: there is no line ${span.firstLine}.`,
    );
  }
  const isCut = span.lastLine < total;
  return done(
    `${relative} is in your folder, and not in the world: you can look at it here.`,
    {
      kind: 'outside',
      path: relative,
      ...span,
      totalLines: total,
      text: total === 0 ? '' : numberedLines(whole, span),
      nextLine: isCut ? span.lastLine + 1 : 0,
    },
    isCut ? [`Read ${relative} from line ${span.lastLine + 1} to go on.`] : [],
  );
}

/** A text says why it is not read; undefined where there is no file in the folder. */
async function readInside(
  folder: string,
  relative: string,
): Promise<Uint8Array | string | undefined> {
  try {
    const root = await realpath(folder);
    const real = await realpath(path.join(root, relative));
    // The folder itself is no file either.
    if (!pathInside(root, real)) return undefined;
    // What became a link since is not followed.
    const handle = await open(
      real,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    try {
      const status = await handle.stat();
      if (!status.isFile()) return undefined;
      if (status.size > MOST_BYTES)
        return `${relative} has ${status.size} bytes: that is too much to be shown.`;
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

/** Names under which keys and passwords are kept. */
function isSecret(relative: string): boolean {
  return relative.split('/').some((part) => SECRETS.test(part));
}

const SECRETS =
  /^(?:\.env(?:\..*)?|\.envrc|\.netrc|\.npmrc|\.pypirc|\.pgpass|\.htpasswd|\.git-credentials|\.ssh|\.gnupg|\.aws|\.azure|\.kube|id_(?:rsa|dsa|ecdsa|ed25519)|credentials(?:\..*)?|secrets?(?:\..*)?|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx))$/i;
const MOST_BYTES = 4 * 1024 * 1024;
