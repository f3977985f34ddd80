/**
 * Owns: which steps of several documents one command made, so that they are taken back as one. Does
 * not know: documents, or how it is told that a command has done all it does.
 */

/** Beyond so many, the oldest are taken back document by document. */
const MAX_GROUPS = 500;

interface Group<Member> {
  readonly steps: Map<Member, number>;
}

/** A step of one of the members. */
export interface MemberStep<Member> {
  readonly member: Member;
  readonly stepId: number;
}

export class StepGroups<Member extends object> {
  /** Groups of at least two, the oldest first. */
  readonly #groups = new Set<Group<Member>>();
  readonly #byMember = new WeakMap<Member, Map<number, Group<Member>>>();
  #open: Group<Member> | undefined;

  /** True while a step of the member is part of what is under way. */
  has(member: Member): boolean {
    return this.#open?.steps.has(member) ?? false;
  }

  /** A new step: part of what is under way, unless the member has one there already. */
  add({ member, stepId }: MemberStep<Member>): void {
    if (!this.#open || this.#open.steps.has(member)) this.#open = { steps: new Map() };
    const group = this.#open;
    group.steps.set(member, stepId);
    if (group.steps.size < 2) return;
    for (const [each, id] of group.steps) this.#of(each).set(id, group);
    this.#groups.add(group);
    this.#forgetOldest();
  }

  /** What comes next is the work of another command. */
  close(): void {
    this.#open = undefined;
  }

  /** The steps of other members that the same command made. */
  partners({ member, stepId }: MemberStep<Member>): readonly MemberStep<Member>[] {
    const steps = this.#byMember.get(member)?.get(stepId)?.steps ?? new Map<Member, number>();
    return [...steps]
      .filter(([each]) => each !== member)
      .map(([each, id]) => ({ member: each, stepId: id }));
  }

  #of(member: Member): Map<number, Group<Member>> {
    let groups = this.#byMember.get(member);
    if (!groups) this.#byMember.set(member, (groups = new Map()));
    return groups;
  }

  #forgetOldest(): void {
    const [oldest] = this.#groups;
    if (!oldest || this.#groups.size <= MAX_GROUPS) return;
    this.#groups.delete(oldest);
    for (const [member, stepId] of oldest.steps) this.#byMember.get(member)?.delete(stepId);
  }
}
