import type { StopListening } from '../../world/listeners.ts';
import type { WorldView } from '../../world/world-view.ts';

/** Calls `look` whenever there may be news for an agent. Claims that end by the clock tell nobody. */
export function watchNews(view: WorldView, look: () => void): StopListening {
  const stops = [
    view.files.onChange(look),
    view.members.onChange(look),
    view.notes.onChange(look),
    view.tickets.onChange(look),
    view.locks.onChange(look),
    view.pathClaims.claims.onChange(look),
    view.restorations.questions.onChange(look),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
