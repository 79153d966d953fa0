// What clockd has in its outbox, and what the tracker has in its books.

import { words } from "./words.js";

const make = (tag, kind, ...content) => {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  element.append(...content.filter((part) => part !== null && part !== undefined));
  return element;
};

const clock = (local) => (local ? local.slice(11, 19) : "");

const span = (seconds) => {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

// Each state of a delivery as the three stations a punch passes: [saved, sending, booked].
const STATIONS = {
  waiting: ["done", "", ""],
  sending: ["done", "now", ""],
  delivered: ["done", "done", "done"],
  doubtful: ["done", "doubt", ""],
  held: ["done", "", "held"],
  ignored: ["done", "", "off"],
  void: ["done", "", "off"],
};

const stationWords = (state, middle) => {
  const last = { held: words.held, ignored: words.aside, void: words.takenBack }[state] ?? words.isBooked;
  const sending = { now: words.sending, doubt: words.noAnswer }[middle] ?? "";
  return [words.saved, sending, last];
};

export const waitsForOut = ({ state, waits_for: waits }) => state === "waiting" && waits === "out";

// What is on its way to the tracker: an in that waits for its out is not.
export const isUnsent = (delivery) =>
  ["waiting", "sending", "doubtful"].includes(delivery.state) && !waitsForOut(delivery);

const reason = ({ state, attempts, last_error: error, held_because: held, waits_for: waits }) => {
  if (state === "held" && held) return held;
  if (state === "doubtful") return words.doubtful;
  if (waitsForOut({ state, waits_for: waits })) return words.waitsForOut;
  if (state === "waiting" && attempts) return `${words.tried(attempts)}${error ? `: ${error}` : ""}`;
  return "";
};

export class Outbox {
  constructor(list, count) {
    this.list = list;
    this.count = count;
    this.rows = new Map();
    this.names = new Map();
  }

  cast(badges) {
    this.names = new Map(badges.map((badge) => [badge.id, badge]));
    if (this.punches) this.show(this.punches);
  }

  show(punches) {
    this.punches = punches;
    const kept = new Map();
    const rows = punches.map((punch) => {
      const row = this.rows.get(punch.id) ?? this.row();
      this.fill(row, punch);
      kept.set(punch.id, row);
      return row;
    });
    this.rows = kept;
    this.shown = true;
    if (rows.length === 0) rows.push(make("li", "empty", words.nothingYet));
    for (const row of [...this.list.children]) if (!rows.includes(row)) row.remove();
    rows.forEach((row, n) => {
      if (this.list.children[n] !== row) this.list.insertBefore(row, this.list.children[n] ?? null);
    });
    const open = punches.filter(({ delivery }) => isUnsent(delivery)).length;
    const inside = punches.filter(({ delivery }) => waitsForOut(delivery)).length;
    const held = punches.filter(({ delivery }) => delivery.state === "held").length;
    const told = [];
    if (open) told.push(words.notBooked(open));
    if (held) told.push(words.heldForAPerson(held));
    if (inside) told.push(words.waiting(inside));
    if (!told.length && punches.length) told.push(words.allBooked);
    this.count.textContent = told.join(", ");
    this.count.classList.toggle("open", open + held > 0);
  }

  row() {
    const row = make("li", this.shown ? "new" : "");
    row.addEventListener("animationend", () => row.classList.remove("new"));
    return row;
  }

  fill(row, punch) {
    const told = `${document.documentElement.lang} ${JSON.stringify(punch)}`;
    if (row.dataset.told === told) return;
    row.dataset.told = told;
    row.dataset.state = punch.delivery.state;
    row.dataset.username = punch.username ?? "";
    const badge = this.names.get(punch.username);
    const nobody = words.unknownBadge(punch.badge ?? "");
    const who = make("span", "who", punch.username === null ? nobody : (badge?.name ?? punch.username));
    who.classList.add(badge?.tone ?? "plain");
    const kind = make("span", `kind ${punch.kind ?? ""}`, words.kind[punch.kind] ?? words.tap);
    const when = make("time", "when", clock(punch.local));
    const stations = STATIONS[punch.delivery.state] ?? ["done", "", ""];
    const said = stationWords(punch.delivery.state, stations[1]);
    const track = make("span", "track", ...stations.map((state, n) => make("span", `station ${state}`, said[n])));
    const current = stations.findLastIndex((state) => state !== "");
    [...track.children].forEach((station, n) => station.setAttribute("aria-hidden", String(n !== current)));
    const why = reason(punch.delivery);
    row.replaceChildren(when, kind, who, track, ...(why ? [make("span", "why", why)] : []));
  }
}

export class Books {
  constructor(list, requests) {
    this.list = list;
    this.requests = requests;
    this.badges = [];
    this.books = null;
    this.clock = null;
    this.known = null;
    setInterval(() => this.tick(), 1000);
  }

  cast(badges) {
    this.badges = badges.filter((badge) => badge.known);
    if (this.books) this.show(this.books, this.nowLocal);
  }

  show(books, nowLocal) {
    this.books = books;
    this.nowLocal = nowLocal;
    this.clock = { local: Date.parse(`${nowLocal}Z`), at: performance.now() };
    this.requests.textContent = words.requests(books.requests, books.limit);
    this.requests.classList.toggle("full", books.requests >= books.limit);
    const names = new Map(this.badges.map((badge) => [badge.id, badge]));
    for (const entry of books.entries) {
      if (!names.has(entry.username)) names.set(entry.username, { name: entry.username, tone: "plain" });
    }
    const before = this.known;
    this.known = new Set();
    const rows = [...names].map(([username, badge]) => this.row(username, badge, before));
    this.list.replaceChildren(...rows);
    this.tick();
  }

  row(username, badge, before) {
    const entries = this.books.entries.filter((entry) => entry.username === username);
    const running = entries.find((entry) => entry.to === null);
    const row = make("li", running ? "in" : "");
    row.dataset.username = username;
    const state = make("span", "state");
    if (running) {
      state.append(words.inSince, make("time", "", clock(running.from)), make("span", "run", ""));
      state.lastChild.dataset.from = running.from;
    } else {
      state.append(entries.length ? words.isOut : words.nothingBooked);
    }
    const fresh = (entry) => {
      const key = `${entry.id} ${entry.from} ${entry.to}`;
      this.known.add(key);
      return before && !before.has(key);
    };
    if (running && fresh(running)) row.classList.add("new");
    const closed = entries.filter((entry) => entry.to !== null);
    const pills = closed.map((entry) => make("li", fresh(entry) ? "new" : "", `${clock(entry.from)} – ${clock(entry.to)}`));
    const who = make("span", `who ${badge.tone}`, badge.name);
    row.append(who, state, ...(pills.length ? [make("ul", "pills", ...pills)] : []));
    return row;
  }

  tick() {
    if (!this.clock) return;
    const now = this.clock.local + performance.now() - this.clock.at;
    for (const run of this.list.querySelectorAll(".run")) {
      run.textContent = span(Math.max(0, (now - Date.parse(`${run.dataset.from}Z`)) / 1000));
    }
  }
}
