// The demo's page: one WebSocket; the news it brings, and what a person does.

import { Rack } from "./badges.js";
import { Guide } from "./guide.js";
import { Books, isUnsent, Outbox, waitsForOut } from "./lists.js";
import { Oled } from "./oled.js";
import { Buzzer } from "./sound.js";
import { Wire } from "./wires.js";
import { speak, words } from "./words.js";

const ICONS = {
  in: "M11 4h5v12h-5M3 10h9m-3.5-3.5L12 10l-3.5 3.5",
  out: "M9 4H4v12h5M8 10h9m-3.5-3.5L17 10l-3.5 3.5",
  break: "M4 7h9v5a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4zm9 1h1.5a2 2 0 0 1 0 4H13M7 4v-1m3 1v-1",
  resume: "M6 4.5v11l9-5.5z",
  undo: "M4 8h8a4 4 0 0 1 0 8H7M7 4.5 3.5 8 7 11.5",
  info: "M10 9v6m0-9.5v.1",
  project: "M3 6h5l2 2h7v8H3z",
};
const RETRY_MS = 700;

const $ = (id) => document.getElementById(id);
let socket = null;
let ever = false;

const act = (what) => {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(what));
};

const oled = new Oled($("oled"), $("glass"));
const buzzer = new Buzzer($("sound"));
const outbox = new Outbox($("punches"), $("outbox-count"));
const books = new Books($("people"), $("requests"));
const guide = new Guide($("steps"), $("hint"));
const rack = new Rack($("rack"), $("reader"), (badge) => {
  guide.tapped();
  act({ do: "tap", badge });
});
const stage = { wall: $("wall"), wires: $("wires"), device: $("device") };
const network = new Wire("network", {
  ...stage, port: $("network"), act: (plugged) => act({ do: "cable", plugged }),
});
const power = new Wire("power", {
  ...stage, port: $("power"), act: (plugged) => act({ do: "power", plugged }),
});
const now = { network: true, power: true, answers: false, ready: false, waiting: 0, requests: null, tracker: "", language: "en", version: "", green: false, red: false };

const seen = new Set(); // every punch this page was ever told of

const port = (name, plugged) => {
  $(`${name}-do`).textContent = plugged ? words.pull : words.putIn;
  now[name] = plugged;
};

const light = (name, on) => {
  now[name] = on;
  $(name).classList.toggle("on", on);
  $(name).setAttribute("aria-label", words[name](on));
};

const otherLanguage = () => (now.language === "en" ? "de" : "en");

const showDisplay = () => $("oled").setAttribute("aria-label", words.display($("words").textContent));

const showVersion = () => {
  $("behind").textContent = words.behind(now.version);
};

const showLink = () => {
  const { waiting, tracker } = now;
  const cut = !now.network || !now.power;
  $("link").classList.toggle("cut", cut);
  $("link").classList.toggle("busy", !cut && waiting > 0);
  let text = words.connected;
  if (!now.power) text = words.noPower;
  else if (!now.network) text = words.noNetwork(waiting);
  else if (waiting) text = words.onTheWay(waiting, tracker);
  $("link-text").textContent = text;
};

const showNotice = () => {
  const notice = $("outbox-notice");
  const dark = !now.power || !now.answers;
  $("outbox").classList.toggle("dark", dark);
  notice.hidden = !dark;
  notice.textContent = now.power ? words.starting : words.dark;
};

const topics = {
  scene(scene) {
    now.tracker = scene.tracker;
    now.language = scene.language;
    speak(scene.language);
    $("language").querySelector("span").textContent = words.other;
    $("language").lang = otherLanguage();
    $("booked").textContent = words.booked(scene.tracker);
    for (const name of ["network", "power"]) port(name, now[name]);
    for (const name of ["green", "red"]) light(name, now[name]);
    showDisplay();
    showVersion();
    buzzer.show();
    guide.resume(scene.control_socket);
    $("ask").textContent = `clockd punches --socket ${scene.control_socket}`;
    $("start-over").hidden = !scene.can_start_over;
    $("office").hidden = $("office-way").hidden = !scene.office;
    if (scene.office) {
      $("office").href = scene.office.url;
      $("office").title = `Sign in as admin, password ${scene.office.password}`;
      $("office-password").textContent = scene.office.password;
    }
    for (const list of [outbox, books]) list.cast(scene.badges);
    rack.fill(scene.badges);
    $("keys").replaceChildren(...scene.keys.map(({ gpio, action }) => {
      const key = document.createElement("button");
      key.type = "button";
      key.className = `key ${action}`;
      key.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${ICONS[action] ?? ""}"/></svg>`;
      key.append(words.key[action] ?? action);
      key.addEventListener("click", () => act({ do: "press", gpio }));
      return key;
    }));
    guide.tell({ tracker: scene.tracker, repeat: scene.repeat_s });
  },
  oled({ frame }) {
    oled.show(frame);
    $("device").classList.toggle("off", frame === null);
  },
  words({ text }) {
    $("words").textContent = text;
    showDisplay();
  },
  lights({ green, red }) {
    light("green", green);
    light("red", red);
    $("device").classList.toggle("said-yes", green);
    $("device").classList.toggle("said-no", red);
  },
  sound({ hz, ms }) {
    buzzer.play(hz, ms);
  },
  cable({ plugged }) {
    port("network", plugged);
    network.set(plugged);
    guide.tell({ network: plugged });
  },
  power({ plugged, trouble }) {
    port("power", plugged);
    power.set(plugged);
    guide.tell({ power: plugged });
    $("trouble-text").textContent = trouble ?? "";
    if (trouble && !$("trouble").open) $("trouble").show();
    if (!trouble && $("trouble").open) $("trouble").close();
  },
  daemon({ answers, ready, status }) {
    now.answers = answers;
    now.ready = Boolean(ready);
    now.version = status?.version ?? now.version;
    showVersion();
    if (now.ready && $("trouble").open) $("trouble").close();
    guide.tell({ alive: now.ready, started: guide.facts.started || now.ready });
  },
  outbox({ punches }) {
    outbox.show(punches);
    now.waiting = punches.filter(({ delivery }) => isUnsent(delivery)).length;
    if (punches.length === 0) seen.clear();
    for (const { id } of punches) seen.add(id);
    const open = punches.filter(({ delivery }) => waitsForOut(delivery)).length;
    guide.tell({ punches: seen.size, waiting: now.waiting, open });
  },
  books({ books: held, now_local: local }) {
    books.show(held, local);
    if (now.requests !== null && held.requests > now.requests) network.spark();
    now.requests = held.requests;
  },
};

const connect = () => {
  socket = new WebSocket(`ws://${location.host}/live`);
  socket.addEventListener("open", () => {
    ever = true;
    $("lost").hidden = true;
  });
  socket.addEventListener("message", ({ data }) => {
    const { topic, ...message } = JSON.parse(data);
    topics[topic]?.(message);
    showLink();
    showNotice();
  });
  socket.addEventListener("close", () => {
    topics.oled({ frame: null });
    topics.lights({ green: false, red: false });
    buzzer.silence();
    $("lost").hidden = !ever;
    setTimeout(connect, RETRY_MS);
  });
};

$("sound").addEventListener("click", () => buzzer.toggle());
$("language").addEventListener("click", () => act({ do: "speak", language: otherLanguage() }));
$("start-over").addEventListener("click", () => {
  guide.restart();
  act({ do: "start-over" });
});
window.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (/^[1-9]$/.test(key)) rack.choose(Number(key) - 1);
  else if (key === "n") act({ do: "cable", plugged: !now.network });
  else if (key === "p") act({ do: "power", plugged: !now.power });
  else if (key === "m") buzzer.toggle();
});

connect();
