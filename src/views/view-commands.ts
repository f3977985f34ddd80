// Names of the views' commands without `agentWorld.`: known before the views themselves are loaded.

const CONFLICT_COMMANDS = [
  'goToConflict',
  'keepHead',
  'applyMine',
  'editResult',
  'compareSides',
  'mergeSides',
  'withdrawConflict',
  'resolveAllConflicts',
  'openConflictPanel',
  'nextConflict',
  'previousConflict',
  'conflictsByFile',
  'conflictsByMember',
  'conflictsByAge',
] as const;

export type ConflictCommand = (typeof CONFLICT_COMMANDS)[number];

const MEMBER_COMMANDS = [
  'changeMemberRole',
  'changeMemberScope',
  'pauseMember',
  'resumeMember',
  'pauseAllAgents',
  'resumeAllAgents',
  'removeMember',
  'copyInvite',
  'copyInviteAgain',
  'revokeInvite',
] as const;

export type MemberCommand = (typeof MEMBER_COMMANDS)[number];

const AGENT_COMMANDS = ['addAgent'] as const;

export type AgentCommand = (typeof AGENT_COMMANDS)[number];

const MANAGE_AGENTS_COMMANDS = ['manageAgents'] as const;

export type ManageAgentsCommand = (typeof MANAGE_AGENTS_COMMANDS)[number];

const RUN_AGENT_COMMANDS = ['runAgent', 'answerAgent'] as const;

export type RunAgentCommand = (typeof RUN_AGENT_COMMANDS)[number];

const POLICY_COMMANDS = ['changePolicy', 'changeExports'] as const;

export type PolicyCommand = (typeof POLICY_COMMANDS)[number];

const PRESENCE_COMMANDS = [
  'showParticipants',
  'goToMember',
  'nextMeeting',
  'followParticipant',
  'stopFollowing',
] as const;

export type PresenceCommand = (typeof PRESENCE_COMMANDS)[number];

const CLAIM_COMMANDS = [
  'claimSelection',
  'claimFile',
  'claimFolder',
  'goToClaim',
  'extendClaim',
  'releaseClaim',
  'askForClaim',
] as const;

export type ClaimCommand = (typeof CLAIM_COMMANDS)[number];

const NOTE_COMMANDS = [
  'openMessages',
  'writeMessage',
  'markMessagesRead',
  'writeAboutLines',
  'answerInThread',
  'setCheckpoint',
] as const;

export type NoteCommand = (typeof NOTE_COMMANDS)[number];

const RESTORATION_COMMANDS = [
  'answerFolder',
  'putBackInFolder',
  'takeFromFolder',
  'leaveFolder',
  'showFoldersAsk',
  'openFolderFile',
] as const;

export type RestorationCommand = (typeof RESTORATION_COMMANDS)[number];

const REVIEW_COMMANDS = [
  'showReview',
  'openWork',
  'openAllWork',
  'keepWork',
  'takeBackWork',
  'takeBackWorkSaying',
  'takeBackWorkLater',
  'takeBackWorkLaterHere',
  'withdrawTakeBack',
  'withdrawTakeBackHere',
  'keepWorkHere',
  'takeBackWorkHere',
  'keepWorkInFile',
  'takeBackWorkInFile',
  'nextWork',
  'previousWork',
] as const;

export type ReviewCommand = (typeof REVIEW_COMMANDS)[number];

const DISK_COMMANDS = ['whatIsLive'] as const;

export type DiskCommand = (typeof DISK_COMMANDS)[number];

const GIT_COMMANDS = ['exportToGit', 'commitExport', 'bringInFromGit'] as const;

export type GitCommand = (typeof GIT_COMMANDS)[number];

const HISTORY_COMMANDS = [
  'showHistory',
  'showFileHistory',
  'showSelectionHistory',
  'filterHistory',
  'showOlderHistory',
  'openHistoryEntry',
  'openOp',
  'compareWithVersion',
  'compareWorld',
  'restoreAllFiles',
  'restoreFile',
  'restoreLines',
  'showAuthorship',
  'hideAuthorship',
  'playHistory',
  'playbackNext',
  'playbackPrevious',
  'playbackPlay',
  'playbackPause',
  'takeBack',
  'openTakeBack',
  'applyTakeBack',
  'cancelTakeBack',
] as const;

export type HistoryCommand = (typeof HISTORY_COMMANDS)[number];

const WORLDS_COMMANDS = [
  'openWorld',
  'renameWorld',
  'deleteWorld',
  'backUpWorld',
  'restoreWorld',
  'moveWorld',
  'upgradeWorld',
] as const;

export type WorldsCommand = (typeof WORLDS_COMMANDS)[number];

/** Commands that need no world to be in. */
export const ANYWHERE_COMMANDS = [
  ...WORLDS_COMMANDS,
  ...MANAGE_AGENTS_COMMANDS,
  ...RUN_AGENT_COMMANDS,
] as const;

export type AnywhereCommand = (typeof ANYWHERE_COMMANDS)[number];

export const VIEW_COMMANDS = [
  'keepHere',
  ...CONFLICT_COMMANDS,
  ...MEMBER_COMMANDS,
  ...AGENT_COMMANDS,
  ...POLICY_COMMANDS,
  ...PRESENCE_COMMANDS,
  ...CLAIM_COMMANDS,
  ...NOTE_COMMANDS,
  ...RESTORATION_COMMANDS,
  ...REVIEW_COMMANDS,
  ...DISK_COMMANDS,
  ...GIT_COMMANDS,
  ...HISTORY_COMMANDS,
] as const;

export type ViewCommand = (typeof VIEW_COMMANDS)[number];
