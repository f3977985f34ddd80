import { adoptBase, bringIn } from '../git/bring-in.ts';
import { Repository } from '../git/repository.ts';
import type { Command } from './command.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { withWorld } from './with-world.ts';

export const upstreamCommand: Command = {
  name: 'upstream',
  usage: '[COMMIT]',
  summary: 'bring in what others have pushed since',
  explanation: `
Brings COMMIT into the world, in the place of the commit that its files came from: what differs between
the two becomes edits of the author “upstream”, moved over what was done in the world meanwhile. Where
both changed the same, a conflict waits for a decision (agent-world tickets). Without COMMIT it is what
the checked out branch follows, or what is checked out. Fetch first; your files and branches in git are
not touched, and the next export stands on both.

  git fetch && agent-world upstream
  agent-world upstream origin/main --in notes
  agent-world upstream --adopt v1.2     the commit that an older world came from, before all its ops`,
  options: [
    { name: 'in', value: 'WORLD', meaning: 'which world; otherwise the one of this folder' },
    { name: 'repository', value: 'DIR', meaning: 'another clone than the world’s folder' },
    { name: 'adopt', meaning: 'only tell the world where it came from' },
  ],
  positionals: [0, 1],
  run(context, line) {
    const { machine, signal, terminal } = context;
    const [rev] = line.positionals;
    const isAdopting = line.flag('adopt');
    if (isAdopting && rev === undefined) throw new UsageError('Name the commit to adopt');
    return withWorld(context, line.text('in'), async (session, world) => {
      const repository = await Repository.open(line.text('repository') ?? world.folder);
      const options = { session, repository, rev, randomBytes: machine.randomBytes, signal };
      if (isAdopting) {
        const commit = await adoptBase({ ...options, rev: rev! });
        terminal.json({ world: world.name, adopted: commit });
        terminal.line(`${world.name} stands on ${commit} now.`);
        return EXIT.ok;
      }
      const report = await bringIn(options);
      const { from, to, changed, disputed } = report;
      terminal.json({ world: world.name, ...report });
      for (const path of disputed) terminal.note(`a conflict waits for a decision: ${path}`);
      terminal.line(
        from === to
          ? `Nothing new: the world stands on ${to} already.`
          : `${world.name} stands on ${to} now: ${changed.length} files changed, ${disputed.length} conflicts.`,
      );
      return EXIT.ok;
    });
  },
};
