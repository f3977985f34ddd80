/** Owns: what a client sent to hooks, written down so that it can be sent again: without paths and ids of the run. */
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const RAW = 'raw-';
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** Puts a program in the place of `launcher`, which keeps what hooks are sent, in `folder`, and goes on to it. */
export async function recordHooks(launcher: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await rename(launcher, `${launcher}-itself`);
  const text = `#!/bin/sh
if [ "$1" = hook ]; then
  tee "$(mktemp '${folder}/${RAW}XXXXXX')" | '${launcher}-itself' "$@"
else
  exec '${launcher}-itself' "$@"
fi
`;
  await writeFile(launcher, text);
  await chmod(launcher, 0o700);
}

/**
 * Names what was kept by its event and tool, one of each kind, and puts `{{name}}` in the place of each of
 * `places` and of ids.
 */
export async function sortRecorded(
  folder: string,
  places: Readonly<Record<string, string>>,
): Promise<void> {
  for (const file of (await readdir(folder)).filter((name) => name.startsWith(RAW))) {
    const raw = path.join(folder, file);
    const event = parsed(await readFile(raw, 'utf8'));
    await rm(raw);
    if (event === undefined) continue;
    const { hook_event_name: name = 'event', tool_name: tool } = event;
    const kind = [name, tool].filter((part) => typeof part === 'string').join('-');
    const text = `${JSON.stringify(event, null, 2)}\n`.replaceAll(UUID, '{{id}}');
    const replaced = Object.entries(places).reduce(
      (now, [mark, place]) => now.replaceAll(place, `{{${mark}}}`),
      text,
    );
    await writeFile(path.join(folder, `${kind.replaceAll(/[^\w-]/g, '_')}.json`), replaced);
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    // The client went away while it wrote.
    return undefined;
  }
}
