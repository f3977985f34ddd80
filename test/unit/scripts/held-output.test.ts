import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { HeldOutput } from '../../../scripts/test/held-output.mjs';
import { capture } from '../../../scripts/setup/run.mjs';

test('what a stage prints beside others waits its turn, and then comes at once', () => {
  let shown = '';
  const output = new HeldOutput((chunk) => (shown += String(chunk)));
  output.write('one ');
  output.write(Buffer.from('two '));
  assert.equal(shown, '');
  output.release();
  assert.equal(shown, 'one two ');
  output.write('three');
  assert.equal(shown, 'one two three');
});

test('all that a program prints is handed over, its errors too, with its exit code', async () => {
  let shown = '';
  const script = `console.log('said'); console.error('told'); process.exitCode = 3;`;
  const { code } = await capture(process.execPath, ['-e', script], {
    cwd: path.dirname(process.execPath),
    show: (chunk) => (shown += String(chunk)),
  });
  assert.equal(code, 3);
  assert.deepEqual(shown.trim().split(/\r?\n/).sort(), ['said', 'told']);
});
