import type { Command, Context } from './command.ts';
import { checkMachine } from '../doctor/check-machine.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { examineServer } from './doctor-server.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  usage: '[--server ADDRESS]',
  summary: 'what works here and what does not, on this machine or at a server',
  explanation: `
Looks at this machine, from the host to git, and says of each thing whether it is well: OK, WARN or FAIL
and one sentence. It starts no host and changes nothing; where a host runs it replays the worlds, each
for ten seconds at most.

With --server it looks at a server: whether what Agent World relies on holds there, rule by rule, and how
long a call and a key take. For that it makes databases under an identity that nobody keeps, publishes
small modules, and removes all of it, also when it fails or is interrupted. It takes about a minute. No
world of the server is touched.

  agent-world doctor --server http://127.0.0.1:3000
  agent-world doctor --server embedded      this machine’s own host, if it runs

The exit code is 0 where nothing failed and 1 where something did.`,
  options: [{ name: 'server', value: 'ADDRESS', meaning: 'look at this server' }],
  positionals: [0, 0],
  run(context, line) {
    const address = line.text('server');
    if (address === undefined) return examineMachine(context);
    return examineServer(context, address, line.text('token-file'));
  },
};

async function examineMachine({ machine, terminal, signal }: Context): Promise<ExitCode> {
  let failed = 0;
  await checkMachine(machine, {
    signal,
    onFinding: (finding) => {
      const { check, verdict, message } = finding;
      if (verdict === 'FAIL') failed += 1;
      terminal.json(finding);
      terminal.line(`${verdict.padEnd(4)}  ${check.padEnd(8)}  ${message}`);
    },
  });
  return failed === 0 ? EXIT.ok : EXIT.failed;
}
