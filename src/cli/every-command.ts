import { COMMANDS } from './commands.ts';
import { runProgram } from './run-program.ts';

/** Runs whichever command was named. */
export function run(): void {
  runProgram(COMMANDS);
}
