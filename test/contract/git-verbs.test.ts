// Random verbs of git in two agents' clones and one person's folder while three members type: nothing is
// lost, everything is whose it was, nobody is asked without a cause, and all is equal in the end.
import { test } from 'node:test';
import { GitVerbsPlay } from '../harness/git-verbs/play.ts';
import { seededRandom, testSeed } from '../harness/seeded-random.ts';

const isSoak = process.env['AGENT_WORLD_SOAK'] === '1';
const ROUNDS = Number(process.env['AGENT_WORLD_ROUNDS'] ?? (isSoak ? 1_000 : 20));
/** Every run of all tests plays the same verbs; the soak plays new ones each time. */
const EVERYDAY_SEED = 101;
/** Looking at everything takes as long as some rounds. */
const ROUNDS_BETWEEN_LOOKS = isSoak ? 5 : 10;

test('git’s verbs in folders that mirrors keep, while others type', async (t) => {
  const isChosen = isSoak || process.env['AGENT_WORLD_SEED'] !== undefined;
  const seed = isChosen ? testSeed() : EVERYDAY_SEED;
  const play = await GitVerbsPlay.open(t, seededRandom(seed));
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      await play.round();
      if (round % ROUNDS_BETWEEN_LOOKS === 0) await play.check();
      if (isSoak && round % 50 === 0) process.stderr.write(`round ${round}\n`);
    }
  } catch (error) {
    t.diagnostic(`AGENT_WORLD_SEED=${seed}\n${play.story}`);
    throw error;
  } finally {
    t.diagnostic(play.kills);
  }
});
