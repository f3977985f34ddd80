import { existsSync } from 'node:fs';
import { hostStatus, type HostStatus } from '../host/handover.ts';
import { HostError } from '../host/host-error.ts';
import { EMBEDDED } from '../world/identities.ts';
import type { Server, Surroundings } from '../world/open-folder.ts';
import type { KnownWorld } from '../world/world-list.ts';
import { WorldError } from '../world/world-error.ts';

/** The machine that is looked at. */
export interface DoctorMachine extends Surroundings {
  readonly home: string;
  readonly version: string;
}

export type HostState =
  HostStatus | { readonly state: 'no_home' } | { readonly state: 'unsafe'; readonly why: string };

/** What the checks have in common: nothing of it is started or made for them. */
export interface DoctorSite {
  readonly machine: DoctorMachine;
  readonly host: HostState;
  readonly worlds: readonly KnownWorld[];
  /** Why the list of worlds cannot be read. */
  readonly worldsError: string | undefined;
  readonly signal: AbortSignal;
}

export async function lookAround(here: DoctorMachine, signal: AbortSignal): Promise<DoctorSite> {
  const host = await hostState(here.home);
  const machine = { ...here, serverFor: (label: string) => serverAsItIs(here, host, label) };
  try {
    const worlds = await machine.worlds.all();
    return { machine, host, worlds, worldsError: undefined, signal };
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return { machine, host, worlds: [], worldsError: error.message, signal };
  }
}

async function hostState(home: string): Promise<HostState> {
  // To ask for a host's state makes the home.
  if (!existsSync(home)) return { state: 'no_home' };
  try {
    return await hostStatus({ home });
  } catch (error) {
    if (error instanceof HostError) return { state: 'unsafe', why: error.message };
    throw error;
  }
}

/** This machine's host where it is, neither started nor replaced by a newer one. */
function serverAsItIs(here: DoctorMachine, host: HostState, label: string): Server {
  if (label !== EMBEDDED) return here.serverFor(label);
  const uri = async (): Promise<string> => {
    if (host.state === 'running') return host.uri;
    throw new WorldError('unreachable', 'No host runs');
  };
  return { label, uri };
}
