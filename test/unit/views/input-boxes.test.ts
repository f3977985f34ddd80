// What is typed into a box of VS Code's is gone when the box closes, and VS Code closes it by a click elsewhere, also
// while what was entered is still being looked at.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/setup/paths.mjs';

/** What is asked there is a word, an address or a list of paths, or a secret that is not to be on disk. */
const SHORT = [
  'agents/agent-steps.ts',
  'commands/join-world.ts',
  'members/scope-box.ts',
  'worlds/restore-command.ts',
  'worlds/server-box.ts',
  'worlds/world-commands.ts',
];

test('a box for more than a word keeps what is typed', () => {
  const views = path.join(projectRoot, 'src', 'views');
  const asking = fs
    .readdirSync(views, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('kept-input.ts'))
    .filter((file) => fs.readFileSync(path.join(views, file), 'utf8').includes('.showInputBox('))
    .map((file) => file.replaceAll(path.sep, '/'));
  assert.deepEqual(asking.sort(), SHORT);
});

test('a box for words stays open until its user enters or leaves it', () => {
  const views = path.join(projectRoot, 'src', 'views');
  const files = fs.readdirSync(views, { recursive: true, encoding: 'utf8' });
  const boxes = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const [, ...calls] = fs.readFileSync(path.join(views, file), 'utf8').split('.showInputBox(');
      return calls.map((call) => ({ file, options: call.slice(0, call.indexOf('})')) }));
    });
  assert.ok(boxes.length > 5, 'the boxes are found');
  const closing = boxes.filter(({ options }) => !options.includes('ignoreFocusOut: true'));
  assert.deepEqual(
    closing.map(({ file }) => file),
    [],
  );
});
