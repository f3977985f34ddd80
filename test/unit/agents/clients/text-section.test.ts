import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  hasSection,
  putSection,
  takeSection,
} from '../../../../src/agents/clients/text-section.ts';

let folder: string;

before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-section-'));
});

after(() => fs.rmSync(folder, { recursive: true, force: true }));

const RULES = ['## Rules', '', '- One.'];

for (const [name, text] of [
  ['with a last line end', '# Mine\n\n- Be short.\n'],
  ['without one', '# Mine\n- Be short.'],
  ['with CRLF', '\ufeff# Mine\r\n- Be short.\r\n'],
  ['that is empty', ''],
] as const) {
  test(`a text ${name} is byte for byte as before when the section is taken out`, async () => {
    const file = path.join(folder, `${name}.md`);
    fs.writeFileSync(file, text);
    const change = await putSection(file, RULES);
    const written = fs.readFileSync(file, 'utf8');
    assert.ok(written.startsWith(text));
    assert.match(written, /- One\.\r?\n/);
    assert.doesNotMatch(written, text.includes('\r') ? /[^\r]\n/ : /\r/);
    assert.equal(await hasSection(file), true);
    await takeSection(file, change);
    assert.equal(fs.readFileSync(file, 'utf8'), text);
    assert.equal(await hasSection(file), false);
  });
}

test('a text that somebody changed meanwhile keeps all but the section', async () => {
  const file = path.join(folder, 'changed.md');
  fs.writeFileSync(file, '# Mine\n');
  const change = await putSection(file, RULES);
  fs.writeFileSync(file, `Above.\n${fs.readFileSync(file, 'utf8')}Below.\n`);
  await takeSection(file, change);
  assert.equal(fs.readFileSync(file, 'utf8'), 'Above.\n# Mine\nBelow.\n');
});

test('a section that is there is replaced, wherever its reader has moved it', async () => {
  const file = path.join(folder, 'moved.md');
  await putSection(file, ['Old.']);
  fs.writeFileSync(file, `${fs.readFileSync(file, 'utf8')}Below.\n`);
  await putSection(file, RULES);
  const text = fs.readFileSync(file, 'utf8');
  assert.doesNotMatch(text, /Old\./);
  assert.match(text, /- One\.\n<!-- agent-world: end -->\nBelow\.\n$/);
});

test('a file that was made for the section goes with it', async () => {
  const file = path.join(folder, 'deep', 'new.md');
  const change = await putSection(file, RULES);
  await takeSection(file, change);
  assert.equal(fs.existsSync(file), false);
});
