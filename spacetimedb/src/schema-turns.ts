import type { SchemaKit } from './schema-types.ts';

/** Turns of agents, and what they were asked for where somebody wanted that kept. */
export function turnTables({ t, table }: SchemaKit) {
  return {
    /** The newest turns of each agent; all of them are in the history. */
    turn: table(
      {
        name: 'turn',
        public: true,
        indexes: [
          {
            accessor: 'byAgentOpen',
            name: 'turn_agent_is_open',
            algorithm: 'btree',
            columns: ['agent', 'isOpen'],
          },
        ],
      },
      {
        /** The sequence number of the op that began it. */
        turnId: t.u32().primaryKey(),
        agent: t.identity(),
        session: t.string(),
        name: t.string(),
        client: t.string(),
        title: t.string(),
        promptHash: t.string(),
        promptErased: t.bool(),
        isOpen: t.bool().index('btree'),
        beganAt: t.timestamp(),
        endedAt: t.option(t.timestamp()),
        /** The sequence number of the op that changed it last. */
        changedSeq: t.u32(),
      },
    ),
    /** What was asked for, beside the history, so that it can be erased. Read by its key. */
    turn_prompt: table(
      { name: 'turn_prompt', public: true },
      { turnId: t.u32().primaryKey(), salt: t.byteArray(), text: t.string() },
    ),
  };
}
