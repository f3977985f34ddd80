/** Movements of one member's carets in a second on a server, where each is written to its log. */
const ON_SERVER = 5;

/** How many movements of carets a second are taken of a member, of those that a world allows. */
export function movementsPerSecond(isOnServer: boolean, allowed: number): number {
  return isOnServer ? Math.min(ON_SERVER, allowed) : allowed;
}

/** How long a client waits between two movements. */
export function movementIntervalMs(isOnServer: boolean): number {
  return isOnServer ? 1000 / ON_SERVER : 100;
}
