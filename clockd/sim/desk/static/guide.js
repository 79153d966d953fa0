// Leads a newcomer through the minute: tap, pull, tap, plug in; then the power plug. It watches what has happened, not clicks.

import { words } from "./words.js";

const KEPT = "clockd-guide";

const touch = matchMedia("(hover: none) and (pointer: coarse)");

export class Guide {
  constructor(steps, hint) {
    this.steps = [...steps.children];
    this.hint = hint;
    this.step = 0;
    this.bonus = "";
    this.facts = {
      tracker: "TimeTrack", network: true, power: true, alive: false, started: false, punches: null, waiting: 0, open: 0, repeat: 3,
    };
    this.first = null;
    this.before = 0;
  }

  // Where a visitor was before a reload of this page, of the same demo.
  resume(demo) {
    if (this.demo === demo) return;
    this.demo = demo;
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT));
      if (kept?.demo === demo) Object.assign(this, { step: kept.step, bonus: kept.bonus, first: kept.first, before: kept.before });
    } catch {
      sessionStorage.removeItem(KEPT);
    }
  }

  keep() {
    const { demo, step, bonus, first, before } = this;
    if (demo) sessionStorage.setItem(KEPT, JSON.stringify({ demo, step, bonus, first, before }));
  }

  restart() {
    this.step = 0;
    this.bonus = "";
    this.first = null;
  }

  // A badge is held to the reader: what the outbox shows from now on may be that tap's, even when it is seen for the first time.
  tapped() {
    this.first ??= 0;
  }

  tell(news) {
    Object.assign(this.facts, news);
    const { network, punches, waiting, open, power, alive } = this.facts;
    if (punches === null) return this.show();
    this.first ??= punches;
    if (punches < this.first) this.first = punches;
    if (this.step === 0 && punches > this.first) this.go(1, punches);
    if (this.step === 0 && !network) this.go(2, punches);
    if (this.step === 1 && !network) this.go(2, punches);
    if (this.step === 2 && punches > this.before && waiting + open > 0) this.go(3, punches);
    if (this.step === 2 && network) this.go(1, punches);
    if (this.step === 3 && network && alive && waiting === 0) this.go(4, punches);
    if (this.step === 4 && !power) this.bonus = "dark";
    if (this.step === 4 && this.bonus === "dark" && power && alive) this.bonus = "back";
    return this.show();
  }

  go(step, punches) {
    this.step = step;
    this.before = punches;
  }

  show() {
    this.steps.forEach((item, n) => {
      item.classList.toggle("done", n < this.step);
      if (n === this.step) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    });
    const said = this.words();
    if (this.hint.dataset.words !== said) {
      this.hint.dataset.words = said;
      this.hint.innerHTML = said;
    }
    this.keep();
  }

  words() {
    const { power, alive, network, tracker, waiting, open, started } = this.facts;
    const { hint } = words;
    if (!power) return hint.noPower;
    if (!alive) return started ? hint.fromDisk : hint.starting;
    if (this.bonus === "back" && network && waiting === 0) return hint.stillThere;
    switch (this.step) {
      case 0:
        return touch.matches ? hint.tapTouch : hint.tap;
      case 1:
        if (waiting) return hint.saved(tracker);
        return open ? hint.savedOpen(tracker) : hint.savedBooked(tracker);
      case 2:
        return hint.noNetworkTap;
      case 3:
        return network ? hint.back : hint.savedHere;
      default:
        if (!network) return hint.noNetworkWait;
        if (waiting) return hint.onTheWay(tracker);
        return open ? hint.open : hint.done;
    }
  }
}
