// Both cables: drawn anew whenever something moves, so that they hang from where the terminal and the sockets are.

import { calm } from "./motion.js";

const SVG = "http://www.w3.org/2000/svg";
const STIFFNESS = 190;
const DAMPING = 15;
const HANGING = { x: -34, y: 40, turn: 32 }; // beside the terminal
const LYING = { x: -30, y: 6, turn: 20 }; // below it, where there is less room
const GRIP = 6; // pixels a pointer moves before it is a drag and no click
const PULLED = 20; // pixels from the socket at which a plug that is let go stays out

const PLUGS = {
  network: {
    length: 40,
    depth: 13,
    shape:
      '<path class="boot" d="M0-5h9l4-4v18l-4-4H0z"/><rect class="body" x="12" y="-9" width="28" height="18" rx="2"/>' +
      '<path class="clip" d="M17-9l3-4h14"/><path class="gold" d="M31-5h9M31-1.5h9M31 2h9M31 5.5h9"/>',
  },
  power: {
    length: 46,
    depth: 16,
    shape:
      '<path class="boot" d="M0-5h8l5-4v18l-5-4H0z"/><path class="body" d="M12-12h14q5 0 5 5V7q0 5-5 5H12z"/>' +
      '<path class="pin" d="M31-6h15M31 6h15"/>',
  },
};

export class Wire {
  constructor(name, { wall, wires, device, port, act }) {
    this.name = name;
    this.wall = wall;
    this.device = device;
    this.port = port;
    this.jack = port.querySelector(".jack");
    this.act = act;
    this.plugged = true;
    this.held = null;
    this.at = { x: 0, y: 0, turn: 0 };
    this.speed = { x: 0, y: 0, turn: 0 };
    this.running = false;
    this.group = document.createElementNS(SVG, "g");
    this.group.setAttribute("class", `wire ${name}`);
    this.group.innerHTML =
      `<path class="shade"/><path class="cord"/><path class="gloss"/><g class="sparks"></g>` +
      `<g class="plug">${PLUGS[name].shape}</g>`;
    wires.append(this.group);
    this.cords = this.group.querySelectorAll(".shade, .cord, .gloss");
    this.plug = this.group.querySelector(".plug");
    new ResizeObserver(() => (this.running ? null : this.settle())).observe(wall);
    this.follow();
  }

  set(plugged) {
    this.plugged = plugged;
    this.port.setAttribute("aria-pressed", String(plugged));
    this.group.classList.toggle("out", !plugged);
    this.move();
  }

  get goal() {
    if (this.held) return this.held;
    return this.plugged ? { x: 0, y: 0, turn: 0 } : this.out;
  }

  get beside() {
    return this.jack.getBoundingClientRect().left > this.device.getBoundingClientRect().right;
  }

  get out() {
    return this.beside ? HANGING : LYING;
  }

  move() {
    if (calm()) {
      this.settle();
      return;
    }
    if (this.running) return;
    this.running = true;
    let before = performance.now();
    const step = (now) => {
      const seconds = Math.min((now - before) / 1000, 1 / 30);
      before = now;
      const still = this.spring(seconds);
      this.draw();
      this.running = !still;
      if (this.running) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  settle() {
    this.at = { ...this.goal };
    this.draw();
  }

  spring(seconds) {
    const { goal } = this;
    let still = true;
    for (const axis of ["x", "y", "turn"]) {
      const push = STIFFNESS * (goal[axis] - this.at[axis]) - DAMPING * this.speed[axis];
      this.speed[axis] += push * seconds;
      this.at[axis] += this.speed[axis] * seconds;
      still &&= Math.abs(goal[axis] - this.at[axis]) < 0.1 && Math.abs(this.speed[axis]) < 1;
    }
    if (still) this.at = { ...goal };
    return still;
  }

  draw() {
    const wall = this.wall.getBoundingClientRect();
    const jack = this.jack.getBoundingClientRect();
    const from = this.anchor(wall);
    const { length, depth } = PLUGS[this.name];
    const x = jack.left - wall.left - length + depth + this.at.x;
    const y = jack.top - wall.top + jack.height / 2 + this.at.y;
    const turn = (this.at.turn * Math.PI) / 180;
    const reach = Math.max(26, Math.hypot(x - from.x, y - from.y) * 0.42);
    const sag = Math.min(8 + Math.max(0, -this.at.x) * 0.3, reach * 0.6);
    const first = `${from.x + from.out.x * reach} ${from.y + from.out.y * reach + sag}`;
    const second = `${x - Math.cos(turn) * reach} ${y - Math.sin(turn) * reach + sag}`;
    const line = `M${from.x} ${from.y}C${first} ${second} ${x} ${y}`;
    for (const cord of this.cords) cord.setAttribute("d", line);
    this.plug.setAttribute("transform", `translate(${x} ${y}) rotate(${this.at.turn})`);
  }

  // Where the cord leaves the terminal: at its side when the socket is beside it, else at its bottom.
  anchor(wall) {
    const device = this.device.getBoundingClientRect();
    const jack = this.jack.getBoundingClientRect();
    if (this.beside) {
      const y = Math.min(Math.max(jack.top + jack.height / 2 - 24, device.top + 40), device.bottom - 40);
      return { x: device.right - wall.left - 3, y: y - wall.top, out: { x: 1, y: 0 } };
    }
    const share = this.name === "power" ? 0.64 : 0.12;
    return {
      x: device.left - wall.left + device.width * share,
      y: device.bottom - wall.top - 3,
      out: { x: 0, y: 0.7 },
    };
  }

  // A click toggles; the plug can also be dragged out and back in.
  follow() {
    let start = null;
    let dragged = false;
    this.port.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      start = { x: event.clientX - this.goal.x, y: event.clientY - this.goal.y, id: event.pointerId };
      dragged = false;
    });
    this.port.addEventListener("pointermove", (event) => {
      if (!start || event.pointerId !== start.id) return;
      const x = Math.min(event.clientX - start.x, 0);
      const y = event.clientY - start.y;
      const moved = Math.hypot(x - (this.plugged ? 0 : this.out.x), y - (this.plugged ? 0 : this.out.y));
      if (!dragged && moved < GRIP) return;
      if (!dragged) this.port.setPointerCapture(start.id);
      dragged = true;
      this.held = { x: Math.max(x, -110), y: Math.max(Math.min(y, 70), -70), turn: Math.min(30, -x / 2) };
      this.move();
    });
    const drop = () => {
      if (start && dragged) {
        const plugged = Math.hypot(this.held.x, this.held.y) < PULLED;
        this.held = null;
        this.move();
        if (plugged !== this.plugged) this.act(plugged);
      }
      start = null;
    };
    this.port.addEventListener("pointerup", drop);
    this.port.addEventListener("pointercancel", drop);
    this.port.addEventListener("click", (event) => {
      if (!(dragged && event.detail)) this.act(!this.plugged);
      dragged = false;
    });
  }

  // A spark runs along the cord: something was sent.
  spark() {
    if (calm() || !this.plugged || document.hidden) return;
    const cord = this.group.querySelector(".cord");
    const spark = document.createElementNS(SVG, "circle");
    spark.setAttribute("r", "4");
    this.group.querySelector(".sparks").append(spark);
    const length = cord.getTotalLength();
    const began = performance.now();
    const step = (now) => {
      const share = Math.min((now - began) / 420, 1);
      const point = cord.getPointAtLength(length * share);
      spark.setAttribute("cx", point.x);
      spark.setAttribute("cy", point.y);
      if (share < 1) requestAnimationFrame(step);
      else spark.remove();
    };
    requestAnimationFrame(step);
  }
}
