import assert from 'node:assert/strict';
import { test } from 'node:test';
import { homeDirectory } from '../../../scripts/start/home.mjs';
import { defaultHomePath } from '../../../src/host/home.ts';

const environments: readonly NodeJS.ProcessEnv[] = [
  {},
  { AGENT_WORLD_HOME: '/chosen' },
  { XDG_DATA_HOME: '/data' },
  { XDG_DATA_HOME: 'relative' },
  { LOCALAPPDATA: 'C:\\Users\\ann\\Local' },
];

for (const platform of ['linux', 'darwin', 'win32'] as const) {
  test(`a start on ${platform} uses the home that the extension uses`, () => {
    for (const environment of environments) {
      assert.equal(
        homeDirectory(environment, platform, '/home/ann'),
        defaultHomePath(environment, platform, '/home/ann'),
      );
    }
  });
}
