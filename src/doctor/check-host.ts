import { isNewerVersion } from '../host/host-version.ts';
import { loadSqlite, RUNTIME_NEEDS } from '../host/sqlite-runtime.ts';
import type { DoctorSite } from './doctor-site.ts';
import { countOf, findingsOf, type Finding } from './finding.ts';

/** Whether this machine's own host runs, and whether it could. */
export function checkHost({ host, machine }: DoctorSite): readonly Finding[] {
  const { ok, warn, fail } = findingsOf('host');
  switch (host.state) {
    case 'no_home':
      return [stopped('Nothing of Agent World is on this machine yet, and no host runs.')];
    case 'stopped':
      return [stopped('No host runs, and none is started for this.')];
    case 'unsafe':
      return [fail(`${host.why}.`)];
    case 'unresponsive': {
      const which = host.pid === undefined ? '' : ` (process ${host.pid})`;
      return [fail(`A host holds this home${which} but does not answer: end that process.`)];
    }
    case 'running': {
      const { version, pid, databases, connections } = host;
      const what =
        `version ${version} runs (process ${pid}) with ${countOf(databases, 'world')} and ` +
        countOf(connections, 'connection');
      if (version === machine.version) return [ok(`The host of ${what}.`)];
      const then = isNewerVersion(machine.version, version)
        ? 'the next command or window replaces it'
        : `this is ${machine.version}: bring it up to date`;
      return [warn(`The host of ${what}; ${then}.`)];
    }
  }
}

function stopped(sentence: string): Finding {
  const { ok, fail } = findingsOf('host');
  if (loadSqlite() !== undefined) return ok(sentence);
  return fail(`No host runs, and this runtime cannot start one: it needs ${RUNTIME_NEEDS}.`);
}
