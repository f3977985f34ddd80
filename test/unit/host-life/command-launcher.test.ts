import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import {
  commandLauncherState,
  installCommandLauncher,
} from '../../../src/host/command-launcher.ts';

const run = promisify(execFile);

describe('the agent-world command', { skip: process.platform === 'win32' }, () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'agent world\'s $HOME `x` "q" '));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('runs from a path with spaces, quotes and dollars, and passes its arguments on', async () => {
    const runtime = path.join(directory, "no'de $1");
    await symlink(process.execPath, runtime);
    const cliScript = await writeCli('cli.cjs');
    const home = path.join(directory, 'home');
    const command = await installCommandLauncher({ home, runtime, cliScript });
    assert.equal(command, path.join(home, 'bin', 'agent-world'));
    const argv = ['verify', 'a b', "it's", '"', '$PATH', '*', ''];
    const { stdout } = await run(command, argv);
    assert.deepEqual(JSON.parse(stdout), { script: cliScript, argv, home, electron: '1' });
  });

  it('is pointed to the new script by an update, under the same name', async () => {
    const home = path.join(directory, 'home');
    const install = async (script: string) =>
      installCommandLauncher({
        home,
        runtime: process.execPath,
        cliScript: await writeCli(script),
      });
    const before = await install('old.cjs');
    const after = await install('new.cjs');
    assert.equal(after, before);
    const { stdout } = await run(after);
    assert.match(stdout, /new\.cjs/);
  });

  it('is known to be missing, current or another’s, and looking writes nothing', async () => {
    const home = path.join(directory, 'home');
    const options = { home, runtime: process.execPath, cliScript: await writeCli('cli.cjs') };
    assert.equal(await commandLauncherState(options), 'missing');
    assert.equal(existsSync(home), false);
    await installCommandLauncher(options);
    assert.equal(await commandLauncherState(options), 'current');
    const updated = { ...options, cliScript: await writeCli('later.cjs') };
    assert.equal(await commandLauncherState(updated), 'other');
  });

  it('says that Agent World was removed once its script is gone', async () => {
    const cliScript = await writeCli('cli.cjs');
    const home = path.join(directory, 'home');
    const command = await installCommandLauncher({ home, runtime: process.execPath, cliScript });
    await rm(cliScript);
    await assert.rejects(run(command), (error: { code?: number; stderr?: string }) => {
      assert.equal(error.code, 69);
      assert.match(String(error.stderr), /install its extension again/);
      return true;
    });
  });

  it('refuses a path that no script could hold', async () => {
    await assert.rejects(
      installCommandLauncher({
        home: path.join(directory, 'home'),
        runtime: process.execPath,
        cliScript: '/a\nb',
      }),
      { code: 'bad_arguments' },
    );
  });

  async function writeCli(name: string): Promise<string> {
    const folder = path.join(directory, "it's dist");
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, name);
    await writeFile(
      file,
      `console.log(JSON.stringify({
        script: process.argv[1],
        argv: process.argv.slice(2),
        home: process.env.AGENT_WORLD_HOME,
        electron: process.env.ELECTRON_RUN_AS_NODE,
      }));`,
    );
    await chmod(file, 0o600);
    return file;
  }
});

it('is a batch file on Windows that keeps letters of any code page', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'agent-world-command-'));
  const file = await installCommandLauncher({
    home: path.join(directory, 'home'),
    runtime: String.raw`C:\Program Files\Code 100%\Code.exe`,
    cliScript: String.raw`C:\Users\Zoë\.vscode\extensions\agent-world\dist\cli.cjs`,
    platform: 'win32',
    environment: { USERPROFILE: String.raw`C:\Users\Zoë` },
  });
  assert.equal(path.basename(file), 'agent-world.cmd');
  const text = await readFile(file, 'utf8');
  assert.match(
    text,
    /\r\n"C:\\Program Files\\Code 100%%\\Code\.exe" "%USERPROFILE%\\\.vscode\\[^"]*cli\.cjs" %\*\r\n$/,
  );
  assert.doesNotMatch(text, /Zoë/);
  await rm(directory, { recursive: true });
});
