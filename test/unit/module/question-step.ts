import type { Arguments, ReducerName, TestWorld } from './test-world.ts';

/** Makes a call of somebody's. */
export type Call<Made> = <Name extends ReducerName>(
  sender: string,
  name: Name,
  args: Arguments<Name>,
) => Made;

/** A step of a random history: a folder asks, is answered by whoever that is, or takes it back. */
export function questionStep<Made>(
  call: Call<Made>,
  world: TestWorld,
  who: string,
  { opId, fileId }: { readonly opId: string; readonly fileId: number },
  picks: readonly [number, number, number, number],
): Made {
  const questions = world.rows('restoration');
  const question = questions[picks[1] % questions.length];
  if (!question || picks[2] % 3 === 0) {
    const files = [{ fileId, what: picks[3] % 2 ? 'changed' : 'deleted' }];
    const owners = who === world.owner ? [] : [world.owner];
    const asked = { opId, cause: 'git', folderName: 'clone', files, fileCount: 2, owners };
    return call(who, 'ask_restoration', asked);
  }
  const { restorationId, folderOf } = question;
  if (picks[2] % 3 === 1) {
    return call(folderOf.toHexString(), 'withdraw_restoration', { opId, restorationId });
  }
  const answer = ['leave', 'take', 'put_back'][picks[3] % 3]!;
  return call(who, 'answer_restoration', { opId, restorationId, answer });
}
