import type { Allowance } from "./messages";

/** What a server allows that does not say so itself. */
const USUAL: Allowance = { messagesAtOnce: 1000, messagesPerSecond: 200, messageBytes: 1024 * 1024 };
/** How much of what may be sent at once is, and as much may be on its way unread: together less than all. */
const SHARE = 0.4;
/** The rest of the rate is for what cannot wait. */
const RATE_SHARE = 0.9;

/**
 * Keeps one socket below what the server takes before it closes it for flooding.
 *
 * The rate alone does not: a network or a server that stood still takes at once what was sent over seconds. So
 * no more than a share of the allowance is ever on its way. The server answers pings in their turn, and each
 * answer says that all before it was read.
 */
export class Pacer {
  private allowance: Allowance = USUAL;
  private left = 0;
  private filledAt = 0;
  private sent = 0;
  private read = 0;
  /** How much had been sent at each ping that is on its way. */
  private pings: number[] = [];
  private sentAtLastPing = 0;
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  /** The largest message that is taken. */
  get messageBytes(): number {
    return this.allowance.messageBytes;
  }

  /** A socket is open, and nothing has been sent on it. */
  begin(allowance: Allowance = USUAL): void {
    this.allowance = allowance;
    this.left = this.share;
    this.filledAt = this.now();
    this.sent = this.read = this.sentAtLastPing = 0;
    this.pings = [];
  }

  /** How long the next message has to wait; without end while too much is unread. */
  get waitMs(): number {
    if (this.sent - this.read >= this.share) return Infinity;
    this.fill();
    return this.left >= 1 ? 0 : ((1 - this.left) / this.rate) * 1000;
  }

  /** It is time to ask how much has been read. */
  get wantsPing(): boolean {
    return this.sent - this.sentAtLastPing >= this.share / 2;
  }

  countMessage(): void {
    this.fill();
    this.left -= 1;
    this.sent += 1;
  }

  countPing(): void {
    this.countMessage();
    this.sentAtLastPing = this.sent;
    this.pings.push(this.sent);
  }

  /** The oldest ping was answered. */
  takePong(): void {
    this.read = this.pings.shift() ?? this.read;
  }

  private get share(): number {
    return Math.max(1, this.allowance.messagesAtOnce * SHARE);
  }

  private get rate(): number {
    return this.allowance.messagesPerSecond * RATE_SHARE;
  }

  private fill(): void {
    const now = this.now();
    this.left = Math.min(this.share, this.left + ((now - this.filledAt) / 1000) * this.rate);
    this.filledAt = now;
  }
}
