import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import {
  Connection,
  type ConnectionHost,
  type ConnectionState,
  type Earlier,
  type Socket,
} from "./connection";
import { StreamsyncError } from "./errors";
import type { ClientMessage, EventMessage } from "./messages";

class FakeSocket implements Socket {
  binaryType = "";
  onopen: Socket["onopen"] = null;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  isClosed = false;
  updates = 0;
  readonly sent: ClientMessage[] = [];

  send(data: string): void {
    this.sent.push(JSON.parse(data) as ClientMessage);
  }
  close(): void {
    this.isClosed = true;
  }
  /** Updates carry a receipt: how many there were. */
  says(message: { type: string; [more: string]: unknown }): void {
    const isUpdate = message.type === "patch" || message.type === "snapshot";
    this.onmessage?.({ data: JSON.stringify(isUpdate ? { receipt: ++this.updates, ...message } : message) });
  }
  welcomes(details: object = {}): void {
    this.onopen?.();
    const welcome = { type: "welcome", token: "t", version: 0, resumed: false, nextEvent: 1, blobQuery: "q" };
    this.says({ ...welcome, ...details });
  }
  drops(code = 1006): void {
    this.onclose?.({ code, reason: "" });
  }
  get events(): EventMessage[] {
    return this.sent.filter((message) => message.type === "event");
  }
}

let sockets: FakeSocket[];
let states: ConnectionState[];
let changes: unknown[];
let host: ConnectionHost;
const renewTicket = vi.fn<() => Promise<string>>();

function open(earlier: Earlier | null = null): Connection {
  const connection = new Connection({
    url: "ws://here/socket/",
    ticket: "first",

    base: "base",
    layout: () => "r1",
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    renewTicket,
    clock: {
      now: () => Date.now(),
      setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
      clearTimeout: (id) => {
        clearTimeout(id);
      },
    },
    random: () => 1,
    host,
  });
  connection.start(earlier);
  return connection;
}

const click = (id = "button"): { target: [string, number][]; event: string; payload: unknown } => ({
  target: [
    ["root", 0],
    [id, 0],
  ],
  event: "ss-click",
  payload: {},
});
const change = (payload: string): ReturnType<typeof click> => ({
  ...click("input"),
  event: "ss-change",
  payload,
});
const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const newest = (): FakeSocket => sockets.at(-1)!;

async function openLive(): Promise<Connection> {
  const connection = open();
  await settle();
  newest().welcomes();
  return connection;
}

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  states = [];
  changes = [];
  renewTicket.mockReset().mockResolvedValue("renewed");
  host = {
    onState: (state) => states.push(state),
    onWelcome: vi.fn(),
    onChange: (message) => changes.push(message),
    onLayout: vi.fn(),
    onLog: vi.fn(),
    onError: vi.fn(),
    onEarlierGone: vi.fn(),
  };
});
afterEach(() => {
  vi.useRealTimers();
});

describe("opening", () => {
  test("the page's ticket makes a new session", async () => {
    await openLive();
    expect(newest().sent[0]).toEqual({
      type: "hello",
      protocol: 1,
      ticket: "first",
      token: null,
      version: null,
      base: "base",
      layout: "r1",
    });
    expect(states.map(({ phase }) => phase)).toEqual(["connecting", "live"]);
  });

  test("events made before the welcome are sent after it, in order", async () => {
    const connection = open();
    void connection.send(click("a"), "all");
    void connection.send(click("b"), "all");
    await settle();
    newest().welcomes();
    expect(newest().events.map(({ n, target }) => [n, target.at(-1)![0]])).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
  });

  test("a socket that gets no welcome in time is given up", async () => {
    open();
    await settle(10_000);
    expect(sockets[0]!.isClosed).toBe(true);
    await settle(250);
    expect(sockets).toHaveLength(2);
  });
});

describe("reconnecting", () => {
  test("the first try comes within 250 ms, with a new ticket, the token and the version", async () => {
    await openLive();
    newest().says({ type: "patch", from: 0, to: 3, set: [] });
    newest().drops();
    await settle(250);
    newest().onopen?.();
    expect(newest().sent[0]).toMatchObject({ ticket: "renewed", token: "t", version: 3 });
  });

  test("unanswered events are sent again under their numbers, answered ones are not", async () => {
    const connection = await openLive();
    const first = connection.send(click(), "all");
    const second = connection.send(click(), "all");
    newest().says({ type: "patch", from: 0, to: 1, results: [[1, "ok", null]], acked: 1 });
    await expect(first).resolves.toMatchObject({ ok: true });
    newest().drops();
    void connection.send(click("later"), "all");
    await settle(250);
    newest().welcomes({ resumed: true, version: 1, nextEvent: 3 });
    expect(newest().events.map(({ n }) => n)).toEqual([2, 3]);
    newest().says({ type: "patch", from: 1, to: 2, acked: 2 });
    await expect(second).resolves.toMatchObject({ status: "ok" });
  });

  test("an answer carries what the handler returned, where the server says so", async () => {
    const connection = await openLive();
    const answer = connection.send(click(), "all");
    newest().says({ type: "patch", from: 0, to: 1, results: [[1, "ok", null, { text: "Hi" }]], acked: 1 });
    await expect(answer).resolves.toEqual({ ok: true, status: "ok", message: null, reply: { text: "Hi" } });
  });

  test("running handlers can be cancelled", async () => {
    const connection = await openLive();
    connection.cancelHandlers();
    expect(newest().sent.at(-1)).toEqual({ type: "cancel" });
  });

  test("tries grow apart up to ten seconds", async () => {
    await openLive();
    newest().drops();
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      const before = Date.now();
      await vi.advanceTimersToNextTimerAsync();
      waits.push(Date.now() - before);
      newest().drops();
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  test("waking up connects at once", async () => {
    const connection = await openLive();
    newest().drops();
    connection.wake();
    await settle();
    expect(sockets).toHaveLength(2);
  });

  test("a ticket that the network kept back is asked for again, a refused one ends it", async () => {
    await openLive();
    renewTicket.mockRejectedValueOnce(new Error("offline"));
    newest().drops();
    await settle(250);
    expect(sockets).toHaveLength(1);
    renewTicket.mockRejectedValueOnce(new StreamsyncError("ticket.refused", {}, "app"));
    await settle(500);
    expect(states.at(-1)).toEqual({ phase: "ended", reason: "refused" });
  });

  test("a session that the server does not know any more begins anew from the base", async () => {
    const connection = await openLive();
    const lost = connection.send(click(), "all");
    newest().says({ type: "patch", from: 0, to: 5 });
    newest().drops();
    await settle(250);
    newest().welcomes({ resumed: false });
    expect(host.onWelcome).toHaveBeenLastCalledWith(expect.anything(), true);
    await expect(lost).resolves.toMatchObject({ status: "dropped" });
    expect(connection.shownVersion).toBe(0);
  });

  test.each([
    [4403, "not-allowed"],
    [4404, "unknown-application"],
    [4409, "taken"],
    [4410, "gone"],
    [4426, "outdated"],
  ])("close code %i ends the session: %s", async (code, reason) => {
    const connection = await openLive();
    const unanswered = connection.send(click(), "all");
    newest().drops(code);
    expect(states.at(-1)).toEqual({ phase: "ended", reason });
    await expect(unanswered).resolves.toMatchObject({ status: "dropped" });
    await settle(60_000);
    expect(sockets).toHaveLength(1);
  });

  test("a refused ticket is renewed once", async () => {
    open();
    await settle();
    newest().drops(4401);
    await settle(250);
    expect(renewTicket).toHaveBeenCalledOnce();
    newest().drops(4401);
    expect(states.at(-1)).toEqual({ phase: "ended", reason: "refused" });
  });
});

describe("changes", () => {
  test("a patch from another version is ignored, and the server is told ours", async () => {
    const connection = await openLive();
    newest().says({ type: "patch", from: 4, to: 5, set: [[["a"], 1]] });
    expect(changes).toEqual([]);
    expect(connection.shownVersion).toBe(0);
    expect(newest().sent.at(-1)).toEqual({ type: "ack", version: 0, receipt: 1, resync: true });
    newest().says({ type: "patch", from: 5, to: 6, set: [[["a"], 2]] });
    expect(newest().sent.filter(({ type }) => type === "ack")).toHaveLength(1);
    newest().says({ type: "patch", from: 0, to: 6, set: [[["a"], 2]] });
    newest().says({ type: "patch", from: 8, to: 9, set: [] });
    expect(newest().sent.at(-1)).toEqual({ type: "ack", version: 6, receipt: 4, resync: true });
  });

  test("a session that another tab has taken is taken back, with what has been seen", async () => {
    const connection = await openLive();
    newest().says({ type: "patch", from: 0, to: 4 });
    newest().drops(4409);
    await settle(60_000);
    expect(sockets).toHaveLength(1);
    connection.takeBack();
    await settle();
    newest().onopen?.();
    expect(newest().sent[0]).toMatchObject({ type: "hello", token: "t", version: 4 });
    newest().welcomes({ resumed: true, version: 4, nextEvent: 1 });
    expect(states.at(-1)).toEqual({ phase: "live" });
  });

  test("a snapshot is taken whatever our version", async () => {
    const connection = await openLive();
    newest().says({ type: "snapshot", to: 9, state: {} });
    expect(connection.shownVersion).toBe(9);
  });

  test("versions are acknowledged together, after a moment", async () => {
    await openLive();
    newest().says({ type: "patch", from: 0, to: 1 });
    newest().says({ type: "patch", from: 1, to: 2 });
    await settle(250);
    expect(newest().sent.filter(({ type }) => type === "ack")).toEqual([
      { type: "ack", version: 2, receipt: 2 },
    ]);
  });

  test("what does not fit was read all the same, and that is said", async () => {
    await openLive();
    newest().says({ type: "patch", from: 4, to: 5 });
    newest().says({ type: "patch", from: 5, to: 6 });
    await settle(250);
    expect(newest().sent.slice(1)).toEqual([
      { type: "ack", version: 0, receipt: 1, resync: true },
      { type: "ack", version: 0, receipt: 2 },
    ]);
  });

  test("an event carries the acknowledgement, and no other follows", async () => {
    const connection = await openLive();
    newest().says({ type: "patch", from: 0, to: 1 });
    void connection.send(click(), "all");
    expect(newest().events[0]).toMatchObject({ version: 1, ack: 1, receipt: 1 });
    await settle(250);
    expect(newest().sent.filter(({ type }) => type === "ack")).toEqual([]);
  });

  test("a broken frame is reported and does not end the connection", async () => {
    await openLive();
    newest().onmessage?.({ data: "{" });
    expect(host.onError).toHaveBeenCalledWith(expect.objectContaining({ code: "frame.not-json" }));
    newest().says({ type: "patch", from: 0, to: 1 });
    expect(changes).toHaveLength(1);
  });
});

describe("events", () => {
  test("of latest events one is under way and only the newest waits", async () => {
    const connection = await openLive();
    void connection.send(change("a"), "latest");
    const middle = connection.send(change("ab"), "latest");
    void connection.send(change("abc"), "latest");
    await expect(middle).resolves.toMatchObject({ status: "superseded" });
    expect(newest().events.map(({ payload }) => payload)).toEqual(["a"]);
    newest().says({ type: "patch", from: 0, to: 1, results: [[1, "ok", null]], acked: 1 });
    expect(newest().events.map(({ payload }) => payload)).toEqual(["a", "abc"]);
  });

  test("a click never overtakes the text typed before it", async () => {
    const connection = await openLive();
    void connection.send(change("a"), "latest");
    void connection.send(change("ab"), "latest");
    void connection.send(click(), "all");
    expect(newest().events.map(({ event, payload }) => [event, payload])).toEqual([
      ["ss-change", "a"],
      ["ss-change", "ab"],
      ["ss-click", {}],
    ]);
  });

  test("what stays unanswered for five seconds is sent again", async () => {
    const connection = await openLive();
    void connection.send(click(), "all");
    await settle(4000);
    expect(newest().events).toHaveLength(1);
    await settle(2000);
    expect(newest().events.map(({ n }) => n)).toEqual([1, 1]);
  });

  test("an error about an event answers it", async () => {
    const connection = await openLive();
    const sent = connection.send(click(), "all");
    newest().says({ type: "error", code: "payload.invalid", message: "no", event: 1 });
    await expect(sent).resolves.toEqual({ ok: false, status: "rejected", message: "no" });
  });

  test("a thousand events wait, one more is dropped", async () => {
    const connection = open();
    const sent = Array.from({ length: 1001 }, () => connection.send(click(), "all"));
    await expect(sent[1000]).resolves.toMatchObject({ status: "dropped" });
    await settle();
    newest().welcomes();
    await letServerRead(() => newest().events.length === 1000);
    expect(newest().events.map(({ n }) => n)).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
  });

  test("a click made offline comes between the texts typed before and after it", async () => {
    const connection = await openLive();
    newest().drops();
    void connection.send(change("a"), "latest");
    void connection.send(change("ab"), "latest");
    void connection.send(click(), "all");
    void connection.send(change("abc"), "latest");
    void connection.send(change("abcd"), "latest");
    await settle(250);
    newest().welcomes({ resumed: true });
    newest().says({ type: "patch", from: 0, to: 1, acked: 2 });
    expect(newest().events.map(({ payload }) => payload)).toEqual(["ab", {}, "abcd"]);
  });

  test("one that the server would not take is not sent, and says so", async () => {
    const connection = open();
    await settle();
    newest().welcomes({ allowance: { messagesAtOnce: 1000, messagesPerSecond: 200, messageBytes: 1000 } });
    const refused = connection.send(change("é".repeat(450)), "latest");
    await expect(refused).resolves.toMatchObject({ ok: false, status: "rejected" });
    expect(host.onError).toHaveBeenCalledWith(expect.objectContaining({ code: "event.too-large" }));
    void connection.send(change("e".repeat(450)), "latest");
    expect(newest().events.map(({ n }) => n)).toEqual([1]);
    expect(connection.events.size).toBe(1);
  });
});

/** Read as a server does, and answer pings, until something is so. */
async function letServerRead(isDone: () => boolean): Promise<void> {
  for (let read = 0; !isDone(); await settle(10)) {
    for (; read < newest().sent.length; read++)
      if (newest().sent[read]!.type === "ping") newest().says({ type: "pong" });
  }
}

describe("keeping below what the server takes", () => {
  const allowance = { messagesAtOnce: 50, messagesPerSecond: 10, messageBytes: 1000 };

  /** The server's books: how much is left of what it takes, if it had read everything sent by now. */
  function readAll(server: { left: number; at: number; read: number }): void {
    server.left = Math.min(50, server.left + ((Date.now() - server.at) / 1000) * 10);
    server.at = Date.now();
    for (; server.read < newest().sent.length; server.read++) {
      server.left -= 1;
      expect(server.left).toBeGreaterThanOrEqual(0);
      if (newest().sent[server.read]!.type === "ping") newest().says({ type: "pong" });
    }
  }

  test.each([10, 500, 4000, 9000])(
    "whatever is made is sent without a flood, though the server reads every %i ms only",
    async (everyMs) => {
      const connection = open();
      await settle();
      const server = { left: 50, at: Date.now(), read: 0 };
      newest().welcomes({ allowance });
      for (let n = 0; n < 300; n++) void connection.send(click(), "all");
      for (let rounds = 0; newest().events.length < 300; rounds++) {
        expect(rounds).toBeLessThan(60_000 / Math.min(everyMs, 500));
        await settle(everyMs);
        readAll(server);
      }
      expect(sockets).toHaveLength(1);
      const firsts = [...new Set(newest().events.map(({ n }) => n))];
      expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
    },
  );

  test("a line that is busy for long with what was sent is not given up", async () => {
    const connection = open();
    await settle();
    newest().welcomes({ allowance });
    for (let n = 0; n < 100; n++) void connection.send(click(), "all");
    await settle(20_000);
    expect(newest().sent.some(({ type }) => type === "ping")).toBe(true);
    expect(newest().isClosed).toBe(false);
  });

  test("what is unanswered is sent again at the same pace after a reconnect", async () => {
    const connection = open();
    await settle();
    newest().welcomes({ allowance });
    for (let n = 0; n < 100; n++) void connection.send(click(), "all");
    await settle(500);
    newest().drops();
    await settle(250);
    const server = { left: 50, at: Date.now(), read: 0 };
    newest().welcomes({ allowance, resumed: true });
    expect(newest().events.length).toBeLessThanOrEqual(20);
    while (new Set(newest().events.map(({ n }) => n)).size < 100) {
      await settle(100);
      readAll(server);
    }
    expect(
      newest()
        .events.slice(0, 30)
        .map(({ n }) => n),
    ).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  });
});

describe("silence", () => {
  test("after 25 s the server is asked, and given up 10 s later", async () => {
    await openLive();
    await settle(25_000);
    expect(newest().sent.at(-1)).toEqual({ type: "ping" });
    await settle(10_000);
    expect(sockets[0]!.isClosed).toBe(true);
    expect(states.at(-1)).toMatchObject({ phase: "waiting" });
  });

  test("a pong keeps the connection", async () => {
    await openLive();
    await settle(25_000);
    newest().says({ type: "pong" });
    await settle(20_000);
    expect(sockets[0]!.isClosed).toBe(false);
  });
});

describe("editing the layout", () => {
  const operations = [{ do: "update", id: "buy", content: { text: "Sell" } }] as const;

  test("edits go out while there is a socket, and every answer comes back whole", async () => {
    const onEditing = vi.fn();
    host = { ...host, onEditing };
    const connection = open();
    await settle();
    expect(connection.edit({ type: "draft" })).toBe(false);
    newest().welcomes();
    expect(connection.edit({ type: "edit", key: "k1", base: 3, operations })).toBe(true);
    expect(newest().sent.at(-1)).toEqual({ type: "edit", key: "k1", base: 3, operations });
    const answers = [
      { type: "draft", version: 3, components: {} },
      { type: "edited", version: 4, who: "ada", when: "2026-01-01T00:00:00", operations, key: "k1" },
      { type: "conflict", key: "k2", version: 4, conflicts: [] },
      { type: "refused", key: "k3", code: "edit.not-allowed", problems: ["no"] },
    ];
    for (const answer of answers) newest().says(answer);
    expect(onEditing.mock.calls.map(([message]) => message as unknown)).toEqual(answers);
  });
});

describe("after another document", () => {
  const earlier: Earlier = {
    token: "earlier",
    events: [
      { ...click("sent"), n: 7, version: 3, layout: "r1" },
      { ...click("waiting"), n: 0, version: 3, layout: "r1" },
    ],
  };

  test("its session goes on, and what it left unanswered comes before anything new", async () => {
    const connection = open(earlier);
    void connection.send(click("new"), "all");
    await settle();
    newest().onopen?.();
    expect(newest().sent[0]).toMatchObject({ token: "earlier", version: null });
    newest().welcomes({ resumed: true, version: 5, nextEvent: 7 });
    expect(newest().events.map(({ n, target }) => [n, target.at(-1)![0]])).toEqual([
      [7, "sent"],
      [8, "waiting"],
      [9, "new"],
    ]);
    expect(host.onWelcome).toHaveBeenCalledWith(expect.objectContaining({ resumed: true }), false);
  });

  test("a session that is gone is replaced at once, and said to be", async () => {
    const connection = open(earlier);
    void connection.send(click("new"), "all");
    await settle();
    newest().drops(4410);
    expect(host.onEarlierGone).toHaveBeenCalledOnce();
    await settle();
    newest().onopen?.();
    expect(newest().sent[0]).toMatchObject({ token: null, ticket: "renewed" });
    newest().welcomes();
    expect(newest().events.map(({ target }) => target.at(-1)![0])).toEqual(["new"]);
    newest().drops(4410);
    expect(states.at(-1)).toEqual({ phase: "ended", reason: "gone" });
  });

  test("what is left for the next one has the numbers that were used", async () => {
    const connection = await openLive();
    void connection.send(click("sent"), "all");
    newest().drops();
    void connection.send(click("waiting"), "all");
    expect(connection.events.save()).toMatchObject([
      { n: 1, target: click("sent").target },
      { n: 0, target: click("waiting").target },
    ]);
  });
});

describe("put aside", () => {
  test("a page closes its socket and is silent, then goes on where it was", async () => {
    const connection = await openLive();
    newest().says({ type: "patch", from: 0, to: 4 });
    void connection.send(click(), "all");
    connection.sleep();
    expect(newest().isClosed).toBe(true);
    await settle(600_000);
    expect(sockets).toHaveLength(1);
    connection.wake();
    await settle();
    newest().onopen?.();
    expect(newest().sent[0]).toMatchObject({ token: "t", version: 4 });
    newest().welcomes({ resumed: true, version: 4, nextEvent: 1 });
    expect(newest().events.map(({ n }) => n)).toEqual([1]);
  });
});
