import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { userEnvironment } from '../../../scripts/start/environment.mjs';
import { parseOptions } from '../../../scripts/start/options.mjs';

test('without arguments a start opens the example in an editor, for as long as the user likes', () => {
  const options = parseOptions([], {});
  assert.equal(options.folder, undefined);
  assert.equal(options.editor, true);
  assert.equal(options.agents, false);
  assert.equal(options.forMs, undefined);
});

test('a folder is meant from where the user was, not from where npm runs the script', () => {
  const here = path.resolve('/somewhere');
  assert.equal(parseOptions(['work'], { INIT_CWD: here }).folder, path.join(here, 'work'));
});

test('times are read with their units, and nonsense is refused with the usage', () => {
  assert.equal(parseOptions(['--no-editor', '--for', '90s'], {}).forMs, 90_000);
  assert.equal(parseOptions(['--for', '5m'], {}).forMs, 300_000);
  assert.throws(() => parseOptions(['--for', 'soon'], {}), /--for wants a time/);
  assert.throws(() => parseOptions(['--port', '70000'], {}), /--port wants a number/);
  assert.throws(() => parseOptions(['one', 'two'], {}), /One folder at a time/);
  assert.throws(() => parseOptions(['--unknown'], {}), /Usage: npm start/);
});

test("the editor gets the user's own surroundings, without what npm put around the script", () => {
  const own = path.join(path.sep, 'usr', 'bin');
  const added = path.join(path.sep, 'clone', 'node_modules', '.bin');
  const environment = userEnvironment({
    PATH: [added, own].join(path.delimiter),
    LANG: 'de',
    INIT_CWD: '/somewhere',
    npm_config_prefix: '/somewhere',
  });
  assert.deepEqual(environment, { PATH: own, LANG: 'de' });
});
