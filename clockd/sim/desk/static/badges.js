// The rack of badges: clicked, typed or dragged onto the reader.

import { calm } from "./motion.js";
import { words } from "./words.js";

const FLIGHT_MS = 170;
const REST_MS = 240;
const GRIP = 8;

const initials = (name) => {
  const words = name.split(/\s+/u);
  if (words.length === 1) return [...name].slice(0, 2).join("");
  return [words[0], words.at(-1)].map((word) => [...word][0]).join("");
};

const make = (tag, kind, text = "", data = {}) => {
  const element = document.createElement(tag);
  element.className = kind;
  element.textContent = text;
  Object.assign(element.dataset, data);
  return element;
};

export class Rack {
  constructor(rack, reader, tap) {
    this.rack = rack;
    this.reader = reader;
    this.tap = tap;
    this.buttons = [];
  }

  fill(badges) {
    this.rack.replaceChildren();
    this.buttons = badges.map((badge, n) => {
      const slot = make("div", "slot");
      const button = make("button", `badge ${badge.tone}`);
      button.type = "button";
      if (n < 9) button.setAttribute("aria-keyshortcuts", String(n + 1));
      const picture = make("span", "picture", "", { initials: badge.known ? initials(badge.name) : "?" });
      const todo = make("span", "sr-only", badge.known ? words.tapOf : words.tapUnknown);
      const name = make("span", "name", badge.known ? badge.name : words.unknown);
      const key = make("kbd", "", "", { key: String(n + 1) });
      for (const part of [picture, key]) part.setAttribute("aria-hidden", "true");
      button.append(make("span", "punchhole"), picture, todo, name, key);
      this.hold(button, badge.id);
      slot.append(button);
      this.rack.append(slot);
      return { button, id: badge.id };
    });
  }

  choose(n) {
    const chosen = this.buttons[n];
    if (chosen) this.present(chosen.button, chosen.id);
  }

  // Fly to the reader, be seen, fly back.
  present(button, id) {
    if (button.dataset.flying) return;
    if (calm()) {
      this.seen(id);
      return;
    }
    button.dataset.flying = "yes";
    const from = button.getBoundingClientRect();
    const to = this.reader.getBoundingClientRect();
    const x = to.left + to.width / 2 - from.left - from.width / 2;
    const y = to.top + to.height / 2 - from.top - from.height / 2;
    const there = `translate(${x}px, ${y}px) rotate(-3deg) scale(0.92)`;
    const flight = button.animate([{ transform: "none" }, { transform: there }], {
      duration: FLIGHT_MS,
      easing: "cubic-bezier(.3,.1,.3,1)",
      fill: "forwards",
    });
    flight.finished.then(() => {
      this.seen(id);
      const back = button.animate([{ transform: there }, { transform: there, offset: 0.3 }, { transform: "none" }], {
        duration: FLIGHT_MS + REST_MS,
        easing: "ease-in-out",
      });
      flight.cancel();
      back.finished.finally(() => delete button.dataset.flying);
    });
  }

  seen(id) {
    this.reader.classList.remove("seen");
    void this.reader.offsetWidth; // restart the ring
    this.reader.classList.add("seen");
    this.tap(id);
  }

  inside(event) {
    const zone = this.reader.getBoundingClientRect();
    return (
      event.clientX > zone.left && event.clientX < zone.right && event.clientY > zone.top && event.clientY < zone.bottom
    );
  }

  hold(button, id) {
    let start = null;
    let near = false;
    let dragged = false;
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || button.dataset.flying) return;
      start = { x: event.clientX, y: event.clientY, id: event.pointerId };
      near = false;
      dragged = false;
    });
    button.addEventListener("pointermove", (event) => {
      if (!start || event.pointerId !== start.id) return;
      const x = event.clientX - start.x;
      const y = event.clientY - start.y;
      if (!dragged && Math.hypot(x, y) < GRIP) return;
      if (!dragged) {
        button.setPointerCapture(start.id);
        button.classList.add("held");
      }
      dragged = true;
      button.style.transform = `translate(${x}px, ${y}px) rotate(-3deg)`;
      const inside = this.inside(event);
      if (inside && !near) this.seen(id);
      near = inside;
    });
    const drop = () => {
      start = null;
      button.classList.remove("held");
      button.style.transform = "";
    };
    button.addEventListener("pointerup", drop);
    button.addEventListener("pointercancel", drop);
    button.addEventListener("click", (event) => {
      if (!(dragged && event.detail)) this.present(button, id);
      dragged = false;
    });
  }
}
