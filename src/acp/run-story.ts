/**
 * Owns: what the updates of a client's session come to as entries: an answer grows, a plan and a tool call are
 * replaced in place. It takes updates as they come, since later versions say more than this one knows. Does not know:
 * permissions, files.
 */
import { at, listAt, textAt } from '../agents/hooks/input-fields.ts';
import type { PlanStep, RunAbout, RunContent, ToolCall, ToolLocation } from './agent-run.ts';
import { cutText, oneLine } from './cut-text.ts';
import { textOf } from './block-text.ts';
import type { RunEntries } from './run-entries.ts';
import { type NamedPlace, toolFrom } from './tool-from.ts';

export interface RunStoryOptions {
  readonly entries: RunEntries;
  /** Where a file is in the world. */
  readonly placeOf: (file: string) => NamedPlace;
  /** What the client tells of itself is another. */
  readonly onAbout: () => void;
  /** Whole texts that the client compares: what it made of which. */
  readonly onDiff: (file: string, oldText: string, newText: string) => void;
}

export class RunStory {
  readonly #options: RunStoryOptions;
  /** The entry that grows now, and the client's name for what is said in it. */
  #open: { readonly id: string; readonly kind: string; readonly name: string } | undefined;
  #plan: string | undefined;
  /** Entries of tool calls, by the client's name for each. */
  readonly #tools = new Map<string, string>();
  #about: RunAbout = {
    title: '',
    version: '',
    modes: [],
    mode: '',
    commands: [],
    usage: undefined,
  };

  constructor(options: RunStoryOptions) {
    this.#options = options;
  }

  get about(): RunAbout {
    return this.#about;
  }

  setAbout(about: Partial<RunAbout>): void {
    this.#about = { ...this.#about, ...about };
    this.#options.onAbout();
  }

  /** Modes as a new session tells them. */
  setModes(modes: unknown): void {
    const known = listAt(modes, 'availableModes').slice(0, MOST_ITEMS);
    this.setAbout({
      modes: known.map((mode) => ({
        id: textAt(mode, 'id') ?? '',
        name: oneLine(textAt(mode, 'name') ?? ''),
      })),
      mode: textAt(modes, 'currentModeId') ?? '',
    });
  }

  /** What the person asks for now. */
  prompted(text: string, locations: readonly ToolLocation[]): void {
    this.#close();
    this.#plan = undefined;
    this.#options.entries.add({ kind: 'prompt', text: cutText(text).text, locations });
  }

  /** Nothing that was said grows any more. */
  ended(): void {
    this.#close();
  }

  /** `isReplay`: what was said earlier is said again, the person's words too. */
  take(update: unknown, isReplay: boolean): void {
    switch (textAt(update, 'sessionUpdate')) {
      case 'user_message_chunk':
        // The client repeats what it was asked for: that is shown already.
        if (isReplay) this.#grow('prompt', update);
        return;
      case 'agent_message_chunk':
        return this.#grow('answer', update);
      case 'agent_thought_chunk':
        return this.#grow('thought', update);
      case 'plan':
        return this.#planned(update);
      case 'tool_call':
      case 'tool_call_update':
        this.tool(update);
        return;
      case 'available_commands_update':
        return this.#commands(update);
      case 'current_mode_update':
        return this.setAbout({ mode: textAt(update, 'currentModeId') ?? '' });
      case 'session_info_update': {
        const title = textAt(update, 'title');
        if (title !== undefined) this.setAbout({ title: oneLine(title) });
        return;
      }
      case 'usage_update': {
        const [used, size] = [at(update, 'used'), at(update, 'size')];
        if (typeof used === 'number' && typeof size === 'number') {
          this.setAbout({ usage: { used, size } });
        }
        return;
      }
      case 'notice':
        return this.#noticed(update);
      default:
    }
  }

  /** A tool call that begins or goes on; returns it as it is now. */
  tool(update: unknown): ToolCall {
    const { entries, placeOf, onDiff } = this.#options;
    const called = (textAt(update, 'toolCallId') ?? '').slice(0, MOST_NAME);
    const id = this.#tools.get(called);
    const before = id === undefined ? undefined : entries.find(id);
    const tool = toolFrom(update, before?.kind === 'tool' ? before.tool : undefined, placeOf);
    for (const each of listAt(update, 'content')) {
      const [file, oldText, newText] = [
        textAt(each, 'path'),
        textAt(each, 'oldText') ?? '',
        textAt(each, 'newText'),
      ];
      if (at(each, 'type') === 'diff' && file !== undefined && newText !== undefined) {
        onDiff(file, oldText, newText);
      }
    }
    if (id !== undefined && entries.replace(id, { kind: 'tool', tool })) return tool;
    this.#close();
    this.#tools.set(called, entries.add({ kind: 'tool', tool }));
    const [oldest] = this.#tools.keys();
    if (this.#tools.size > MOST_TOOLS && oldest !== undefined) this.#tools.delete(oldest);
    return tool;
  }

  #grow(kind: 'prompt' | 'answer' | 'thought', update: unknown): void {
    const { entries } = this.#options;
    const more = textOf(at(update, 'content'));
    const name = textAt(update, 'messageId') ?? '';
    const open = this.#open;
    const entry =
      open?.kind === kind && open.name === name && entries.last?.id === open.id
        ? entries.find(open.id)
        : undefined;
    if (entry?.kind === 'prompt') {
      const { locations } = entry;
      const { text } = cutText(entry.text + more);
      entries.replace(entry.id, { kind: 'prompt', text, locations });
      return;
    }
    if (entry?.kind === 'answer' || entry?.kind === 'thought') {
      // The rest of a text that is too long already is not put together.
      if (entry.isCut) return;
      entries.replace(entry.id, { kind: entry.kind, isOpen: true, ...cutText(entry.text + more) });
      return;
    }
    if (more === '') return;
    this.#close();
    const content: RunContent =
      kind === 'prompt'
        ? { kind, text: cutText(more).text, locations: [] }
        : { kind, isOpen: true, ...cutText(more) };
    this.#open = { id: entries.add(content), kind, name };
  }

  #close(): void {
    const entry = this.#open && this.#options.entries.find(this.#open.id);
    this.#open = undefined;
    if (entry?.kind !== 'answer' && entry?.kind !== 'thought') return;
    const { kind, text, isCut } = entry;
    this.#options.entries.replace(entry.id, { kind, text, isCut, isOpen: false });
  }

  #planned(update: unknown): void {
    const { entries } = this.#options;
    const steps = listAt(update, 'entries').slice(0, MOST_ITEMS).map(stepFrom);
    const content = { kind: 'plan', steps } as const;
    if (this.#plan !== undefined && entries.replace(this.#plan, content)) return;
    this.#close();
    this.#plan = entries.add(content);
  }

  #commands(update: unknown): void {
    const commands = listAt(update, 'availableCommands')
      .slice(0, MOST_COMMANDS)
      .map((command) => ({
        name: oneLine(textAt(command, 'name') ?? ''),
        description: oneLine(textAt(command, 'description') ?? ''),
        hint: oneLine(textAt(at(command, 'input'), 'hint') ?? ''),
      }));
    this.setAbout({ commands });
  }

  #noticed(update: unknown): void {
    const severity = textAt(update, 'severity');
    const level = severity === 'error' || severity === 'warning' ? severity : 'info';
    const said = [textAt(update, 'title') ?? '', textAt(update, 'description') ?? ''];
    const { text } = cutText(said.filter((each) => each !== '').join(': '));
    this.#close();
    this.#options.entries.add({ kind: 'notice', level, text });
  }
}

function stepFrom(step: unknown): PlanStep {
  const [priority, status] = [textAt(step, 'priority'), textAt(step, 'status')];
  return {
    text: cutText(textAt(step, 'content') ?? '', MOST_STEP).text,
    priority: priority === 'high' || priority === 'low' ? priority : 'medium',
    status: status === 'in_progress' || status === 'completed' ? status : 'pending',
  };
}

const MOST_ITEMS = 100;
const MOST_COMMANDS = 200;
const MOST_STEP = 1_000;
const MOST_TOOLS = 500;
const MOST_NAME = 256;
