import type { OpRecord } from '../core/op.ts';
import { followOps } from '../world/op-feed.ts';
import { readHeadSeq } from '../world/read-head.ts';
import type { Command } from './command.ts';
import { describeOp, opAsJson } from './describe-op.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { untilAborted } from './until-aborted.ts';
import { withWorld } from './with-world.ts';

export const watchCommand: Command = {
  name: 'watch',
  usage: '[WORLD]',
  summary: 'every op as it happens',
  explanation: `
Prints a line for every op: its number, when, who, what, where. Goes on until you interrupt it, across
restarts of the host. No text of files is shown.`,
  options: [
    { name: 'from', value: 'N', meaning: 'begin with op N; 1 is the first (new ones only)' },
  ],
  positionals: [0, 1],
  run(context, line) {
    const { terminal, signal } = context;
    const from = line.text('from');
    if (from !== undefined && !/^[1-9]\d{0,9}$/.test(from)) {
      throw new UsageError(`--from must be a whole number from 1: ${from}`);
    }
    return withWorld(context, line.positionals[0], async (session) => {
      const after =
        from === undefined ? await readHeadSeq(await session.whenOnline()) : Number(from) - 1;
      const failed = Promise.withResolvers<never>();
      const tell = (op: OpRecord): void => {
        terminal.json(opAsJson(op, session.view));
        terminal.line(describeOp(op, session.view));
      };
      const stop = followOps(session, after, tell, failed.reject);
      try {
        await Promise.race([untilAborted(signal), failed.promise]);
      } finally {
        stop();
      }
      return EXIT.ok;
    });
  },
};
