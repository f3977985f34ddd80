import { REVIEWS_LEVEL } from '../core/module-level.ts';
import { systemRandomBytes } from '../world/uuid.ts';
import type { WorldSession } from '../world/world-session.ts';
import { Review } from './review.ts';

/**
 * The files in which agents did something that nobody has kept or taken back, by path; none in a world whose module
 * knows no reviews. Rejects when the world cannot be reached.
 */
export async function unreviewedPaths(
  session: WorldSession,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  if (session.moduleLevel < REVIEWS_LEVEL) return [];
  const files = await new Review(session, systemRandomBytes).files({}, signal);
  return files.map(({ head }) => head.path);
}
