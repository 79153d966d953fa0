// Leads a newcomer through the minute: tap, pull, tap, plug in; then the power plug. It watches what has happened, not clicks.

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

  restart() {
    this.step = 0;
    this.bonus = "";
    this.first = null;
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
    const words = this.words();
    if (this.hint.dataset.words !== words) {
      this.hint.dataset.words = words;
      this.hint.innerHTML = words;
    }
  }

  words() {
    const { power, alive, network, tracker, waiting, open, started } = this.facts;
    if (!power) return "<b>No power.</b> The screen is dark and taps do nothing. Put the plug back in.";
    if (!alive) return started ? "clockd is starting from its own disk …" : "clockd is starting …";
    if (this.bonus === "back" && network && waiting === 0) {
      return "<b>Still there.</b> Every punch survived the power cut. That is clockd; play on as you like.";
    }
    switch (this.step) {
      case 0:
        if (touch.matches) return "<b>Tap a badge:</b> touch one, or drag it onto the reader.";
        return "<b>Tap a badge:</b> click one, press <kbd>1</kbd>–<kbd>6</kbd>, or drag it onto the reader.";
      case 1:
        if (waiting) return `<b>Saved.</b> It is on the terminal’s disk, and on its way to ${tracker} …`;
        return open
          ? `<b>Saved.</b> ${tracker} takes whole intervals: it waits for its clock-out. Now pull the network cable.`
          : `<b>Saved, and booked on ${tracker}.</b> Now pull the network cable.`;
      case 2:
        return "<b>No network.</b> Tap again, the same badge or another: clockd needs no network to save a punch.";
      case 3:
        if (network) return "<b>Back online.</b> Watch the backlog land …";
        return "<b>Saved here, not booked yet.</b> Tap more if you like, then put the cable back in.";
      default:
        if (!network) return "<b>No network.</b> Punches wait here until it is back.";
        if (waiting) return `<b>On the way to ${tracker} …</b>`;
        if (open) return "<b>Who is in waits for the clock-out;</b> all else is booked. Now try the power plug.";
        return "<b>All booked, each at the time of its tap.</b> Now try the power plug.";
    }
  }
}
