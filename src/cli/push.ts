import { GitError } from '../git/git-error.ts';
import { lastExport, pullRequestText } from '../git/pull-request.ts';
import { createPullRequest, hasPullRequests, pushBranch, remotesOf } from '../git/push-branch.ts';
import { Repository } from '../git/repository.ts';
import { historyOfSession } from '../world/world-history.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-code.ts';
import { withWorld } from './with-world.ts';

export const pushCommand: Command = {
  name: 'push',
  usage: '[WORLD]',
  summary: 'push what was exported, and open a pull request',
  explanation: `
Pushes the branch of the last export, and the notes of who wrote which line, as git push does: nothing
that is there is overwritten. With --pull-request it is proposed on GitHub by GitHub's own command line
(gh), with a description that says who did what, which conflicts were decided, and which ops these are.

  agent-world export notes && agent-world push notes --pull-request`,
  options: [
    { name: 'remote', value: 'NAME', meaning: 'where to; otherwise origin, or the only one' },
    { name: 'repository', value: 'DIR', meaning: 'another clone than the world’s folder' },
    { name: 'pull-request', meaning: 'open a pull request, too' },
  ],
  positionals: [0, 1],
  run(context, line) {
    const { signal, terminal } = context;
    return withWorld(context, line.positionals[0], async (session, world) => {
      const { folder } = await Repository.open(line.text('repository') ?? world.folder);
      const history = historyOfSession(session);
      const { branch } = await lastExport(history);
      const remote = line.text('remote') ?? (await remotesOf(folder))[0];
      if (remote === undefined) {
        throw new GitError(
          'no_repository',
          'Git has no remote to push to; git remote add NAME URL',
        );
      }
      const isRequest = line.flag('pull-request');
      if (isRequest && !(await hasPullRequests(folder))) {
        const why = 'gh, the command line of GitHub, cannot be found: install it';
        throw new GitError('no_github', `${why}. Nothing was pushed`);
      }
      const text = isRequest ? await pullRequestText(history, branch, signal) : undefined;
      const hasNotes = await pushBranch(folder, remote, branch, signal);
      if (!hasNotes) terminal.note(`the notes of who wrote what were not pushed to ${remote}`);
      const address = text && (await createPullRequest(folder, branch, text));
      terminal.json({ world: world.name, branch, remote, hasNotes, address });
      terminal.line(`${branch} is on ${remote}${address ? `: ${address}` : ''}.`);
      return EXIT.ok;
    });
  },
};
