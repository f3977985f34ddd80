/**
 * Before the name of each tool in VS Code. The names of all extensions' tools are in one list, and a model
 * is shown them as they are: some chats have a `read_file` of their own.
 */
export const TOOL_PREFIX = 'agent_world_';
