import type { Call } from './question-step.ts';
import type { TestWorld } from './test-world.ts';

/** A step of a random history: an agent begins or ends a turn, takes a session, or a prompt is erased. */
export function turnStep<Made>(
  call: Call<Made>,
  world: TestWorld,
  opId: string,
  picks: readonly [number, number, number, number],
): Made {
  const robots = world.rows('workspace_member').filter(({ kind }) => kind === 'agent');
  const robot = robots[picks[0] % robots.length]?.identity.toHexString() ?? world.owner;
  const session = `session ${picks[1] % 3}`;
  switch (picks[2] % 5) {
    case 0:
    case 1: {
      const isKept = picks[3] % 2 === 0;
      const asked = isKept ? { prompt: 'do it', salt: new Uint8Array(32) } : NOTHING_ASKED;
      const names = { session, name: `turn ${picks[3]}`, client: 'client', title: 'work' };
      return call(robot, 'begin_turn', { opId, ...names, ...asked });
    }
    case 2:
      return call(robot, 'end_turn', { opId, session });
    case 3:
      return call(robot, 'take_session', { session });
    default: {
      const turns = world.rows('turn');
      const turnId = turns[picks[3] % turns.length]?.turnId ?? 0;
      return call(world.owner, 'erase_prompt', { opId, turnId });
    }
  }
}

const NOTHING_ASKED = { prompt: '', salt: new Uint8Array() };
