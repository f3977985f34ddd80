/** Prints the first seed that fails, and how; for `try-mutants.ts`. */
import { scenarioOf, simulate } from './simulation.ts';

const MOST_SEEDS = 400;

const say = (line: string): never => {
  console.log(line);
  return process.exit(0);
};

process.on('unhandledRejection', (error) => say(`caught (${String(error)})`));
for (let seed = 1; seed <= MOST_SEEDS; seed++) {
  await simulate(scenarioOf(seed)).catch((error: unknown) => {
    const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    say(`caught by seed ${seed} (${message.slice(0, 80)})`);
  });
}
say(`NOT CAUGHT in ${MOST_SEEDS} seeds`);
