import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createInvite, formatInvite } from '../../src/world/invite.ts';
import { startEditor, type Editor } from './harness/editor.ts';
import { LiveFolder, waitUntilBound } from './harness/live-folder.ts';
import { startWorldLeg, type WorldLeg } from './harness/world-leg.ts';

let live: LiveFolder;
let leg: WorldLeg;
let scratch: string;
let folder: string;
let guest: Editor;

before(async () => {
  live = await LiveFolder.start({
    files: { 'same.md': 'same\n', 'differs.md': 'the world’s\n', 'there.md': 'only there\n' },
  });
  leg = await startWorldLeg(live.home);
  scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-join-')));
  folder = path.join(scratch, 'mine');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'same.md'), 'same\n');
  fs.writeFileSync(path.join(folder, 'differs.md'), 'my own\n');
  fs.writeFileSync(path.join(folder, 'here.md'), 'only here\n');
  guest = await startEditor({
    home: path.join(scratch, 'home'),
    env: leg.env,
    settings: { 'agentWorld.displayName': 'Grace' },
  });
});

after(async () => {
  await guest.dispose();
  await leg.proxy.close();
  await live.dispose();
  fs.rmSync(scratch, { recursive: true, force: true });
});

test('joining into a full folder shows what would change, and keeps a copy of what is replaced', async () => {
  const invite = await createInvite(
    live.session,
    'embedded',
    {
      kind: 'human',
      role: 'editor',
      capabilities: ['edit', 'lock', 'resolve'],
      pathScope: [],
      uses: 1,
      expiresAtMs: Date.now() + 60_000,
    },
    live.surroundings.randomBytes,
  );
  const window = await guest.openWindow(folder, { env: leg.env });
  await window.openFile('differs.md');
  const joining = window.command('agentWorld.join', formatInvite(invite));
  const list = window.page.locator('.quick-input-list');
  await list.getByText('differs.md').waitFor();
  await list.getByText('here.md', { exact: true }).waitFor();
  await window.screenshot('join-preview');
  assert.equal(fs.readFileSync(path.join(folder, 'differs.md'), 'utf8'), 'my own\n');
  await window.page.keyboard.press('Enter');
  await joining;
  await waitUntilBound(window);

  await window.waitForText('differs.md', 'the world’s\n');
  const onDisk = (file: string): string | undefined => {
    const whole = path.join(folder, file);
    return fs.existsSync(whole) ? fs.readFileSync(whole, 'utf8') : undefined;
  };
  await live.until(
    'the folder has the world’s text',
    () => onDisk('differs.md') === 'the world’s\n',
  );
  await live.until(
    'the folder has what was only there',
    () => onDisk('there.md') === 'only there\n',
  );
  await live.until(
    'the world has what was only here',
    () => live.session.view.fileAt('here.md') !== undefined,
  );
  const backups = fs.globSync('home/backups/*/differs.md', { cwd: scratch });
  assert.equal(fs.readFileSync(path.join(scratch, backups[0]!), 'utf8'), 'my own\n');
  const names = [...live.session.view.members.values()].map(({ displayName }) => displayName);
  assert.deepEqual(names.sort(), ['Ada', 'Grace']);
  await window.screenshot('joined');
});
