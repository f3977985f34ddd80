import path from 'node:path';
import { type AddedAgent, AddedAgents } from '../../agents/clients/added-agents.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { KeptMirror } from '../../mirror/kept-mirror.ts';
import { startMirror } from '../../mirror/start-mirror.ts';

/** Has an agent's folder kept in step with its world until disposed; `onChange`: whether it is kept has changed. */
export function keepFolder(
  { home, installation, clock }: ExtensionSurroundings,
  { folder, name, database, client }: AddedAgent,
  onChange: () => void,
): KeptMirror {
  const added = new AddedAgents(home);
  const script = path.join(installation, 'dist', 'cli.cjs');
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const start = async (): Promise<void> => {
    // One that was taken out meanwhile needs its folder no more.
    if (await added.find(client, name))
      startMirror(home, { folder, name, database }, { script, env });
  };
  return new KeptMirror({ home, clock, folder, name, database, as: 'window', start, onChange });
}
