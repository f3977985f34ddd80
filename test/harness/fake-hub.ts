import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * A `gh` for a test's PATH that takes what GitHub's takes of `pr create` and `pr view`, and refuses
 * what that refuses: pull requests are kept in a file, for branches that the remote has.
 */
export async function writeFakeHub(folder: string): Promise<void> {
  const script = `#!${process.execPath}\n${PROGRAM}`;
  await writeFile(path.join(folder, 'gh'), script, { mode: 0o755 });
}

const PROGRAM = String.raw`
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const kept = path.join(__dirname, 'pull-requests.json');
const requests = fs.existsSync(kept) ? JSON.parse(fs.readFileSync(kept, 'utf8')) : {};
const [, , group, verb, ...rest] = process.argv;
const fail = (why) => {
  process.stderr.write(why + '\n');
  process.exit(1);
};
if (group === '--version') {
  console.log('gh version 2.60.0 (2024-11-04)');
} else if (process.env.GH_TOKEN === '') {
  process.stderr.write('To get started with GitHub CLI, please run:  gh auth login\n');
  process.exit(4);
} else if (group === 'pr' && verb === 'create') {
  const string = { type: 'string' };
  const options = { head: string, title: string, 'body-file': string, base: string };
  const { values } = parseArgs({ args: rest, options, strict: true });
  if (!values.title || values['body-file'] !== '-') fail('must provide --title and --body');
  if (values.title.length > 256) fail('title is too long (maximum is 256 characters)');
  const head = execFileSync('git', ['ls-remote', 'origin', 'refs/heads/' + values.head], { encoding: 'utf8' });
  if (head === '') fail('Head sha can’t be blank');
  if (requests[values.head]) fail('a pull request for branch "' + values.head + '" already exists');
  requests[values.head] = { title: values.title, body: fs.readFileSync(0, 'utf8') };
  fs.writeFileSync(kept, JSON.stringify(requests));
  console.log('https://github.com/example/project/pull/' + Object.keys(requests).length);
} else if (group === 'pr' && verb === 'view') {
  const { values, positionals } = parseArgs({ args: rest, options: { json: { type: 'string' } }, allowPositionals: true });
  if (values.json !== 'title,body') fail('unknown fields');
  console.log(JSON.stringify(requests[positionals[0]]));
} else {
  fail('unknown command');
}
`;
