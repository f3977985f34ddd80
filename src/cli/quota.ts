import { MEBIBYTE, QUOTA_NAMES, type QuotaName, type Quotas } from '../core/quota.ts';
import { changeQuotas, noQuotas } from '../world/change-quotas.ts';
import { isNearlyUsedUp, type QuotaShare, sharesOf } from '../world/usage-rows.ts';
import type { Command } from './command.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { withWorld } from './with-world.ts';

export const quotaCommand: Command = {
  name: 'quota',
  usage: '[WORLD]',
  summary: 'what a world and you keep, and may keep',
  explanation: `
Shows how much of its quotas a world has used, and you if you are no owner. Who has used all of it can
still read, export, decide conflicts, delete, and give back claims. An owner changes them:
  memberMebibytes  MiB of history of each member who is no owner (512)
  memberNotes      messages and checkpoints of each such member (20000)
  worldMebibytes   MiB of history of the whole world (8192; 2048 where it was published to a server)
What is told was written down after the last few hundred edits; it is an estimate made from the history.`,
  options: [{ name: 'set', value: 'NAME=N', meaning: 'change one of them' }],
  positionals: [0, 1],
  run(context, line) {
    const { terminal } = context;
    const change = changed(line.text('set'));
    return withWorld(context, line.positionals[0], async (session) => {
      const { usage } = session.view.usage;
      if (!usage) throw noQuotas();
      const quotas = change ? await changeQuotas(session, change) : usage.quotas;
      const isOwner = session.view.members.get(session.identity)?.role === 'owner';
      const shares = sharesOf({ ...usage, quotas }, isOwner);
      terminal.json({ ...quotas, shares });
      for (const share of shares) terminal.line(textOf(share));
      for (const name of QUOTA_NAMES) terminal.line(`${name} = ${quotas[name]}`);
      for (const share of shares.filter(isNearlyUsedUp)) {
        terminal.note(`Nearly used up: ${textOf(share)}. An owner can change it.`);
      }
      return EXIT.ok;
    });
  },
};

/** Undefined when the command line changes nothing. Throws `UsageError`. */
function changed(text: string | undefined): Partial<Quotas> | undefined {
  if (text === undefined) return undefined;
  const match = /^([a-zA-Z]+)=([1-9]\d{0,8})$/.exec(text);
  const name = QUOTA_NAMES.find((each) => each === match?.[1]);
  if (!match || !name) {
    throw new UsageError(`--set takes NAME=N, with one of ${QUOTA_NAMES.join(', ')}: ${text}`);
  }
  return { [name]: Number(match[2]) } satisfies Partial<Record<QuotaName, number>>;
}

function textOf({ of, what, used, quota }: QuotaShare): string {
  const whose = of === 'world' ? 'the world' : 'you';
  const percent = Math.floor((100 * used) / quota);
  if (what === 'notes') return `${whose}: ${used} of ${quota} messages (${percent} %)`;
  const mebibytes = (used / MEBIBYTE).toFixed(1);
  return `${whose}: ${mebibytes} of ${quota / MEBIBYTE} MiB (${percent} %)`;
}
