import type { ComponentRecord } from "./messages";

export const ROOT_ID = "root";
/** Matches children of every slot. */
export const ANY_SLOT = "*";

/** The component tree of one layout revision, indexed for drawing. Immutable. */
export class Layout {
  readonly revision: string;
  private readonly records: Readonly<Record<string, ComponentRecord>>;
  private readonly slotOf: (type: string) => string;
  private readonly childrenOf = new Map<string, ComponentRecord[]>();

  /** `slotOf` says which slot a component type goes to, by the catalogue. */
  constructor(
    revision: string,
    records: Readonly<Record<string, ComponentRecord>>,
    slotOf: (type: string) => string,
  ) {
    this.revision = revision;
    this.records = records;
    this.slotOf = slotOf;
    for (const record of Object.values(records)) {
      if (record.parentId === null) continue;
      const siblings = this.childrenOf.get(record.parentId);
      if (siblings) siblings.push(record);
      else this.childrenOf.set(record.parentId, [record]);
    }
    for (const siblings of this.childrenOf.values()) siblings.sort(inDrawingOrder);
  }

  get(id: string): ComponentRecord | undefined {
    return Object.hasOwn(this.records, id) ? this.records[id] : undefined;
  }

  /** Children by position, code-managed ones last. */
  children(id: string, slot: string = ANY_SLOT): readonly ComponentRecord[] {
    const all = this.childrenOf.get(id) ?? [];
    return slot === ANY_SLOT ? all : all.filter((child) => this.slotFor(child) === slot);
  }

  /** What stands for another component goes where that one would; unknown as yet, to the default. */
  private slotFor(record: ComponentRecord): string {
    const own = this.slotOf(record.type);
    if (own !== ANY_SLOT) return own;
    const named = this.get(record.content["proxyId"] ?? "");
    const theirs = named ? this.slotOf(named.type) : ANY_SLOT;
    return theirs === ANY_SLOT ? "default" : theirs;
  }

  pages(): readonly ComponentRecord[] {
    return this.children(ROOT_ID).filter((child) => child.type === "page");
  }

  /** Parents from the nearest to the root. */
  ancestors(id: string): ComponentRecord[] {
    const found: ComponentRecord[] = [];
    const seen = new Set<string>([id]);
    let parentId = this.get(id)?.parentId ?? null;
    while (parentId !== null && !seen.has(parentId)) {
      seen.add(parentId);
      const parent = this.get(parentId);
      if (!parent) break;
      found.push(parent);
      parentId = parent.parentId;
    }
    return found;
  }
}

function inDrawingOrder(a: ComponentRecord, b: ComponentRecord): number {
  return Number(a.isCodeManaged) - Number(b.isCodeManaged) || a.position - b.position;
}
