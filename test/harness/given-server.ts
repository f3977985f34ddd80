import type { Server } from '../../src/world/open-folder.ts';
import { serverAt } from '../../src/world/server-address.ts';

/** The server that `AGENT_WORLD_TEST_SERVER` names for the worlds of tests; undefined for this machine's own. */
export function givenServer(): Server | undefined {
  const given = process.env['AGENT_WORLD_TEST_SERVER'];
  return given === undefined ? undefined : serverAt(given);
}
