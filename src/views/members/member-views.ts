/**
 * Owns: the view of a world's members in a window, what can be done about them, and the user's own
 * invites. Does not know: other views.
 */
import * as vscode from 'vscode';
import { DisposableStore } from '../../editor/disposable-store.ts';
import type { IdentityHex } from '../../core/op.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { historyNameOf } from '../../world/invite.ts';
import { memberName } from '../../world/member-name.ts';
import { LinkFailure } from '../../world/link-failure.ts';
import { tallyTurn } from '../../world/turn-tally.ts';
import { readTurnsOf } from '../../world/turns.ts';
import { WorldError } from '../../world/world-error.ts';
import { type OwnInvite, OwnInvites } from '../../world/own-invites.ts';
import type { ReviewViews, ShownCounts } from '../review/review-views.ts';
import type { MemberCommand } from '../view-commands.ts';
import type { Run, ViewPart, ViewPartOptions } from '../view-part.ts';
import { AgentNotices } from './agent-notices.ts';
import { AllAgentsCommands } from './all-agents-commands.ts';
import { InviteCommands } from './invite-commands.ts';
import { MemberCommands } from './member-commands.ts';
import { MemberFeed } from './member-feed.ts';
import { MemberList } from './member-list.ts';
import { turnText } from './member-words.ts';
import { MemberTree } from './member-tree.ts';

/** What belongs to the world that the window is in. */
interface Entered {
  readonly store: DisposableStore;
  readonly current: FolderWorld;
  readonly feed: MemberFeed;
}

export class MemberViews implements ViewPart {
  readonly commands: Readonly<Record<MemberCommand, Run>>;
  readonly #options: ViewPartOptions;
  readonly #store = new DisposableStore();
  readonly #list: MemberList;
  readonly #tree: MemberTree;
  readonly #own: OwnInvites;
  readonly #unreviewed: ShownCounts;
  readonly #isSeen: (agent: string) => boolean;
  #invites: readonly OwnInvite[] = [];
  #entered: Entered | undefined;
  /** The world whose newest ops were read. */
  #asked: MemberFeed | undefined;
  #isOwner = false;

  /** `isSeen`: the agent of that name works in a panel that the user sees. */
  constructor(
    options: ViewPartOptions,
    review: Pick<ReviewViews, 'counts'>,
    isSeen: (agent: string) => boolean,
  ) {
    this.#isSeen = isSeen;
    const { context, surroundings } = options;
    const nowMs = (): number => surroundings.clock.nowMs();
    this.#options = options;
    this.#unreviewed = review.counts(() => this.#tree.isVisible);
    this.#own = new OwnInvites(context.secrets, nowMs);
    this.#list = new MemberList((change) => {
      this.#tree.update(change);
      this.#tellRights();
    });
    this.#tree = this.#store.add(
      new MemberTree({
        list: this.#list,
        invites: () => this.#invites,
        guestsOf: (made) => this.#guestsOf(made),
        nowMs,
        lastTurn: (agent) => this.#lastTurn(agent),
        onVisible: () => {
          this.#readNewest();
          this.#unreviewed.look();
        },
      }),
    );
    const members = new MemberCommands(this.#list, async (world, inviteId) => {
      const made = await this.#own.of(world);
      const ended = made.find(({ invite }) => historyNameOf(invite) === inviteId);
      if (ended) await this.#own.remove(ended.invite);
      await this.#readInvites();
    });
    const everybody = new AllAgentsCommands(this.#list);
    const invites = new InviteCommands({
      surroundings,
      own: this.#own,
      shown: () => this.#invites,
      extensionId: context.extension.id,
      onChange: () => this.#readInvites(),
    });
    this.commands = {
      changeMemberRole: (current, argument) => members.changeRole(current, argument),
      changeMemberScope: (current, argument) => members.changeScope(current, argument),
      pauseMember: (current, argument) => members.pause(current, argument),
      resumeMember: (current, argument) => members.resume(current, argument),
      pauseAllAgents: (current) => everybody.pause(current),
      resumeAllAgents: (current) => everybody.resume(current),
      removeMember: (current, argument) => members.remove(current, argument),
      copyInvite: (current) => invites.make(current),
      copyInviteAgain: (current, argument) => invites.copyAgain(current, argument),
      revokeInvite: (current, argument) => invites.revoke(current, argument),
    };
  }

  enter(current: FolderWorld | undefined): void {
    this.#entered?.store.dispose();
    this.#entered = undefined;
    this.#showInvites([]);
    const unseen = new Set<IdentityHex>();
    // What was not looked at was of the world before.
    this.#tree.showUnseen(unseen);
    if (current === undefined) return;
    const store = new DisposableStore();
    const feed = store.add(
      new MemberFeed(current, this.#list, {
        unreviewed: this.#unreviewed,
        onState: (agent, state) => {
          notices.changed(agent, state);
          if (state === 'done' || state === 'stuck') unseen.add(agent);
          else unseen.delete(agent);
          this.#tree.showUnseen(unseen);
        },
      }),
    );
    const notices = store.add(
      new AgentNotices(current.session, (agent) => feed.stateOf(agent), this.#isSeen),
    );
    this.#entered = { store, current, feed };
    const key = OwnInvites.keyOf(current.world);
    store.add(
      // Other windows of the user make invites, too.
      this.#options.context.secrets.onDidChange((change) => {
        if (change.key === key) void this.#readInvites();
      }),
    );
    void this.#readInvites();
    if (!this.#tree.isVisible) return;
    this.#readNewest();
    this.#unreviewed.look();
  }

  dispose(): void {
    this.#entered?.store.dispose();
    this.#store.dispose();
  }

  /** Read when somebody looks; what cannot be read now is left out. */
  async #lastTurn(agent: IdentityHex): Promise<string> {
    const session = this.#entered?.current.session;
    if (!session?.link) return '';
    try {
      const [turn] = await readTurnsOf(session, agent);
      return turn ? turnText(turn, await tallyTurn(session, turn)) : '';
    } catch (error) {
      if (error instanceof LinkFailure || error instanceof WorldError) return '';
      throw error;
    }
  }

  /** What only asking tells is asked for once somebody looks. */
  #readNewest(): void {
    const feed = this.#entered?.feed;
    if (!feed || this.#asked === feed) return;
    this.#asked = feed;
    feed.readNewest().catch((error: unknown) => {
      this.#options.surroundings.log.warn('members.not_read', { error: String(error) });
    });
  }

  async #readInvites(): Promise<void> {
    const entered = this.#entered;
    if (!entered) return;
    const invites = await this.#own.of(entered.current.world);
    if (this.#entered === entered) this.#showInvites(invites);
  }

  #guestsOf({ invite }: OwnInvite): readonly string[] {
    const view = this.#entered?.current.session.view;
    if (!view) return [];
    const name = historyNameOf(invite);
    return [...view.origins.values()]
      .filter(({ inviteId }) => inviteId === name)
      .map(({ identity }) => memberName(view, identity));
  }

  #showInvites(invites: readonly OwnInvite[]): void {
    this.#invites = invites;
    this.#tree.updateInvites();
    void vscode.commands.executeCommand('setContext', 'agentWorld.ownInvites', invites.length);
  }

  #tellRights(): void {
    const self = this.#list.get(this.#entered?.current.session.identity ?? '');
    const isOwner = self?.role === 'owner' && !self.paused;
    if (isOwner === this.#isOwner) return;
    this.#isOwner = isOwner;
    void vscode.commands.executeCommand('setContext', 'agentWorld.isOwner', isOwner);
  }
}
