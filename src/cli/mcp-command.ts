import { mcpCommand } from './mcp.ts';
import { runProgram } from './run-program.ts';

/** Runs `agent-world mcp`. */
export function run(): void {
  runProgram([mcpCommand]);
}
