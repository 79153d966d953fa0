// All texts of the page, in each language. What stands in the HTML is found by its data-say, data-say-label, data-say-title.

const EN = {
  other: "Deutsch",
  tagline: "Every tap is saved on the spot and booked exactly once, whatever happens to power and network.",
  office: "Admin page", signIn: "On the admin page sign in as", with: "with",
  startOver: "Start over", sound: "Sound", soundTitle: "Sound (M)", muted: "Muted",
  whatToTry: "What to try", step1: "Tap a badge", step2: "Pull the network", step3: "Tap again", step4: "Plug it in",
  atTheDoor: "The terminal at the door", keys: "Keys of the terminal", hold: "Hold your badge here",
  green: (on) => `Green light: ${on ? "on" : "off"}`, red: (on) => `Red light: ${on ? "on" : "off"}`,
  display: (text) => `Display: ${text || "dark"}`,
  network: "Network cable", power: "Power plug", pull: "Pull it", putIn: "Put it in",
  badges: "Badges: choose one to tap it", tapOf: "Tap the badge of ", tapUnknown: "Tap an ", unknown: "unknown badge",
  key: { in: "In", out: "Out", break: "Break", resume: "Back", undo: "Undo", info: "Info", project: "Project" },
  outbox: "clockd’s outbox", onDisk: "on the terminal’s own disk", punches: "Punches, newest first",
  booked: (tracker) => `What ${tracker} has booked`, simulated: "simulated",
  connected: "connected, nothing waiting", noPower: "no power",
  noNetwork: (n) => (n ? `no network, ${n} waiting above` : "no network"), onTheWay: (n, tracker) => `${n} on the way to ${tracker}`,
  starting: "clockd is starting and reads its disk …", dark: "No power. What was saved is on the disk and will be back.",
  behind: (version) => `Behind this page runs the real clockd${version ? ` (version ${version})` : ""}; only door and tracker are made of pixels. Ask it:`,
  ended: "clockd ended by itself", again: "It is started again each second, as systemd would do.",
  lost: "No connection to clockd demo. Is it still running in your terminal?",
  kind: { in: "In", out: "Out", break: "Break", resume: "Back", project: "Project" }, tap: "Tap",
  unknownBadge: (tail) => `Unknown badge ${tail}`, nothingYet: "Nothing yet. Tap a badge.",
  saved: "saved here", sending: "sending", isBooked: "booked", noAnswer: "no sure answer", held: "held", aside: "set aside", takenBack: "taken back",
  doubtful: "Nobody knows whether it arrived: clockd looks before it sends again.",
  waitsForOut: "Waits for its clock-out: the tracker takes whole intervals.", tried: (n) => `tried ${n}×`,
  notBooked: (n) => `${n} not booked yet`, heldForAPerson: (n) => `${n} held for a person`, waiting: (n) => `${n} waiting for the clock-out`, allBooked: "all booked",
  requests: (n, limit) => `${n} / ${limit} requests this minute`,
  inSince: "in since ", isOut: "out", nothingBooked: "nothing booked",
  hint: {
    noPower: "<b>No power.</b> The screen is dark and taps do nothing. Put the plug back in.",
    fromDisk: "clockd is starting from its own disk …", starting: "clockd is starting …",
    stillThere: "<b>Still there.</b> Every punch survived the power cut. That is clockd; play on as you like.",
    tapTouch: "<b>Tap a badge:</b> touch one, or drag it onto the reader.",
    tap: "<b>Tap a badge:</b> click one, press <kbd>1</kbd>–<kbd>6</kbd>, or drag it onto the reader.",
    saved: (tracker) => `<b>Saved.</b> It is on the terminal’s disk, and on its way to ${tracker} …`,
    savedOpen: (tracker) => `<b>Saved.</b> ${tracker} takes whole intervals: it waits for its clock-out. Now pull the network cable.`,
    savedBooked: (tracker) => `<b>Saved, and booked on ${tracker}.</b> Now pull the network cable.`,
    noNetworkTap: "<b>No network.</b> Tap again, the same badge or another: clockd needs no network to save a punch.",
    back: "<b>Back online.</b> Watch the backlog land …",
    savedHere: "<b>Saved here, not booked yet.</b> Tap more if you like, then put the cable back in.",
    noNetworkWait: "<b>No network.</b> Punches wait here until it is back.", onTheWay: (tracker) => `<b>On the way to ${tracker} …</b>`,
    open: "<b>Who is in waits for the clock-out;</b> all else is booked. Now try the power plug.",
    done: "<b>All booked, each at the time of its tap.</b> Now try the power plug.",
  },
};

const DE = {
  other: "English",
  tagline: "Jede Buchung ist sofort gesichert und kommt genau einmal an, auch ohne Strom und Netz.",
  office: "Verwaltung", signIn: "In der Verwaltung melden Sie sich an als", with: "mit",
  startOver: "Neu beginnen", sound: "Ton", soundTitle: "Ton (M)", muted: "Stumm",
  whatToTry: "Zum Ausprobieren", step1: "Badge vorhalten", step2: "Netz trennen", step3: "Nochmals", step4: "Anstecken",
  atTheDoor: "Das Terminal an der Tür", keys: "Tasten des Terminals", hold: "Badge hier vorhalten",
  green: (on) => `Grünes Licht: ${on ? "an" : "aus"}`, red: (on) => `Rotes Licht: ${on ? "an" : "aus"}`,
  display: (text) => (text ? `Anzeige: ${text}` : "Anzeige: dunkel"),
  network: "Netzkabel", power: "Stromstecker", pull: "Ziehen", putIn: "Anstecken",
  badges: "Badges: einen wählen, um ihn vorzuhalten", tapOf: "Badge vorhalten: ", tapUnknown: "Badge vorhalten: ", unknown: "unbekannter Badge",
  key: { in: "Kommen", out: "Gehen", break: "Pause", resume: "Weiter", undo: "Storno", info: "Info", project: "Projekt" },
  outbox: "Ausgang von clockd", onDisk: "auf dem Speicher des Terminals", punches: "Buchungen, die neueste zuerst",
  booked: (tracker) => `Was ${tracker} gebucht hat`, simulated: "simuliert",
  connected: "verbunden, nichts wartet", noPower: "kein Strom",
  noNetwork: (n) => (n ? `kein Netz, oben warten ${n}` : "kein Netz"), onTheWay: (n, tracker) => `${n} unterwegs zu ${tracker}`,
  starting: "clockd startet und liest seinen Speicher …", dark: "Kein Strom. Was gesichert war, ist auf dem Speicher und kommt wieder.",
  behind: (version) => `Hinter dieser Seite läuft das echte clockd${version ? ` (Version ${version})` : ""}; nur Tür und Zeiterfassung sind aus Pixeln. So fragt man es:`,
  ended: "clockd hat sich selbst beendet", again: "Es wird jede Sekunde neu gestartet, wie systemd es täte.",
  lost: "Keine Verbindung zu clockd demo. Läuft es noch in Ihrem Terminal?",
  kind: { in: "Kommen", out: "Gehen", break: "Pause", resume: "Weiter", project: "Projekt" }, tap: "Badge",
  unknownBadge: (tail) => `Unbekannter Badge ${tail}`, nothingYet: "Noch nichts. Halten Sie einen Badge vor.",
  saved: "hier gesichert", sending: "wird gesendet", isBooked: "gebucht", noAnswer: "keine sichere Antwort", held: "angehalten", aside: "beiseitegelegt", takenBack: "storniert",
  doubtful: "Niemand weiß, ob es ankam: clockd sieht nach, bevor es noch einmal sendet.",
  waitsForOut: "Wartet auf das Gehen: die Zeiterfassung nimmt ganze Zeiträume.", tried: (n) => `${n}× versucht`,
  notBooked: (n) => `${n} noch nicht gebucht`, heldForAPerson: (n) => `${n} für jemanden angehalten`, waiting: (n) => `${n} bis zum Gehen offen`, allBooked: "alles gebucht",
  requests: (n, limit) => `${n} / ${limit} Anfragen in dieser Minute`,
  inSince: "da seit ", isOut: "nicht da", nothingBooked: "nichts gebucht",
  hint: {
    noPower: "<b>Kein Strom.</b> Die Anzeige ist dunkel, und Badges bewirken nichts. Stecken Sie den Stecker wieder an.",
    fromDisk: "clockd startet von seinem eigenen Speicher …", starting: "clockd startet …",
    stillThere: "<b>Noch da.</b> Jede Buchung hat den Stromausfall überstanden. Das ist clockd; probieren Sie weiter, was Sie mögen.",
    tapTouch: "<b>Halten Sie einen Badge vor:</b> antippen, oder auf den Leser ziehen.",
    tap: "<b>Halten Sie einen Badge vor:</b> anklicken, <kbd>1</kbd>–<kbd>6</kbd> drücken, oder auf den Leser ziehen.",
    saved: (tracker) => `<b>Gesichert.</b> Es steht auf dem Speicher des Terminals und ist unterwegs zu ${tracker} …`,
    savedOpen: (tracker) => `<b>Gesichert.</b> ${tracker} nimmt ganze Zeiträume: es wartet auf das Gehen. Ziehen Sie nun das Netzkabel.`,
    savedBooked: (tracker) => `<b>Gesichert, und auf ${tracker} gebucht.</b> Ziehen Sie nun das Netzkabel.`,
    noNetworkTap: "<b>Kein Netz.</b> Halten Sie denselben oder einen anderen Badge vor: zum Sichern braucht clockd kein Netz.",
    back: "<b>Wieder verbunden.</b> Sehen Sie zu, wie der Rückstand ankommt …",
    savedHere: "<b>Hier gesichert, noch nicht gebucht.</b> Gern noch mehr; stecken Sie dann das Kabel wieder an.",
    noNetworkWait: "<b>Kein Netz.</b> Buchungen warten hier, bis es wieder da ist.", onTheWay: (tracker) => `<b>Unterwegs zu ${tracker} …</b>`,
    open: "<b>Wer da ist, wartet auf das Gehen;</b> alles andere ist gebucht. Probieren Sie nun den Stromstecker.",
    done: "<b>Alles gebucht, jedes zur Zeit seines Badges.</b> Probieren Sie nun den Stromstecker.",
  },
};

const LANGUAGES = { en: EN, de: DE };

export const words = { ...EN };

// Takes up a language, and writes it where the page is fixed text.
export const speak = (language) => {
  Object.assign(words, LANGUAGES[language] ?? EN);
  document.documentElement.lang = language;
  for (const part of document.querySelectorAll("[data-say]")) part.textContent = words[part.dataset.say];
  for (const part of document.querySelectorAll("[data-say-label]")) part.setAttribute("aria-label", words[part.dataset.sayLabel]);
  for (const part of document.querySelectorAll("[data-say-title]")) part.title = words[part.dataset.sayTitle];
};
