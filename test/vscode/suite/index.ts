import assert from 'node:assert/strict';
import * as vscode from 'vscode';

const EXTENSION_ID = 'agent-world.agent-world';

interface Manifest {
  readonly contributes?: { readonly commands?: readonly { readonly command: string }[] };
}

/** What only a real extension host can tell, each by the name it is reported under. */
const cases: Readonly<Record<string, () => Promise<void>>> = {
  'the extension activates': async () => {
    const extension = vscode.extensions.getExtension(EXTENSION_ID);
    assert.ok(extension, `${EXTENSION_ID} is installed`);
    await extension.activate();
    assert.ok(extension.isActive);
  },
  'every command of the manifest exists': async () => {
    const manifest = vscode.extensions.getExtension<unknown>(EXTENSION_ID)?.packageJSON as Manifest;
    const declared = (manifest.contributes?.commands ?? []).map(({ command }) => command);
    assert.notEqual(declared.length, 0);
    const existing = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      declared.filter((command) => !existing.has(command)),
      [],
    );
  },
};

/** Called by VS Code in its extension host; a rejection is the failure of the run. */
export async function run(): Promise<void> {
  const failures: string[] = [];
  for (const [name, check] of Object.entries(cases)) {
    try {
      await check();
      console.log(`ok: ${name}`);
    } catch (error) {
      console.error(`failed: ${name}\n${error instanceof Error ? error.stack : String(error)}`);
      failures.push(name);
    }
  }
  assert.deepEqual(failures, []);
}
