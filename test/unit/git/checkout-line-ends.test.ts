import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFolderGit } from '../../../src/git/folder-state.ts';
import { silentLog } from '../../../src/world/log.ts';
import { GitLab } from '../../harness/git-lab.ts';
import { temporaryFolder } from '../world/temporary-folder.ts';

const SETTINGS: readonly (readonly string[])[] = [
  ['core.autocrlf=false'],
  ['core.autocrlf=true'],
  ['core.autocrlf=input'],
  ['core.autocrlf=false', 'core.eol=crlf'],
  ['core.autocrlf=true', 'core.eol=lf'],
];
const ATTRIBUTES: Readonly<Record<string, string>> = {
  'plain.txt': '',
  'crlf.txt': 'eol=crlf',
  'lf.txt': 'text eol=lf',
  'text.txt': 'text',
  'auto.txt': 'text=auto',
  'auto-crlf.txt': 'text=auto eol=crlf',
  'never.txt': '-text',
};

for (const settings of SETTINGS) {
  const named = settings.join(' and ');
  test(`with ${named} the line ends that git gives a file are known as git writes them`, async (t) => {
    const lab = await GitLab.init(await temporaryFolder(t));
    const names = Object.keys(ATTRIBUTES);
    await lab.write(Object.fromEntries(names.map((name) => [name, 'one\ntwo\n'])));
    const rules = names.map((name) => `${name} ${ATTRIBUTES[name]}\n`).join('');
    await lab.write({ '.gitattributes': rules });
    lab.commitAll();
    for (const setting of settings) lab.git('config', ...setting.split('='));
    for (const name of names) await lab.remove(name);
    lab.git('checkout', '-q', '--', '.');
    const git = openFolderGit(lab.folder, silentLog);
    t.after(() => git.dispose());
    for (const name of names) {
      const isCrlf = String(await lab.read(name)).includes('\r\n');
      assert.equal(await git.givesCrlf(name), isCrlf, name);
    }
  });
}

test('a setting and attributes that change hold once git has moved', async (t) => {
  const lab = await GitLab.init(await temporaryFolder(t));
  await lab.write({ 'a.txt': 'one\n' });
  lab.commitAll();
  lab.git('config', 'core.autocrlf', 'false');
  const git = openFolderGit(lab.folder, silentLog);
  t.after(() => git.dispose());
  assert.equal(await git.givesCrlf('a.txt'), false);
  lab.git('config', 'core.autocrlf', 'true');
  await lab.write({ 'b.txt': 'one\n' });
  lab.git('add', 'b.txt');
  assert.equal(await git.givesCrlf('a.txt'), true);
  await lab.write({ '.gitattributes': 'a.txt -text\n' });
  lab.git('add', '.gitattributes');
  assert.equal(await git.givesCrlf('a.txt'), false);
});
