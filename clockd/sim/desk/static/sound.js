// The buzzer. Browsers allow sound after the first gesture only; until then it is silent.

import { words } from "./words.js";

export class Buzzer {
  constructor(button) {
    this.button = button;
    this.context = null;
    this.voice = null;
    this.on = localStorage.getItem("clockd-sound") !== "off";
    this.show();
    for (const gesture of ["pointerdown", "keydown"]) {
      window.addEventListener(gesture, () => this.wake(), { once: true, capture: true });
    }
  }

  wake() {
    this.context ??= new AudioContext();
    this.context.resume();
  }

  toggle() {
    this.on = !this.on;
    localStorage.setItem("clockd-sound", this.on ? "on" : "off");
    if (!this.on) this.silence();
    this.show();
  }

  show() {
    this.button.setAttribute("aria-pressed", String(this.on));
    this.button.querySelector("span").textContent = this.on ? words.sound : words.muted;
  }

  silence() {
    if (!this.voice) return;
    const { tone, gain } = this.voice;
    const now = this.context.currentTime;
    gain.gain.cancelScheduledValues(now);
    gain.gain.setTargetAtTime(0, now, 0.008);
    tone.stop(now + 0.08);
    this.voice = null;
  }

  play(hz, ms) {
    this.silence();
    if (hz === null || !this.on || !this.context) return;
    const now = this.context.currentTime;
    const tone = new OscillatorNode(this.context, { type: "triangle", frequency: hz });
    const gain = new GainNode(this.context, { gain: 0 });
    tone.connect(gain).connect(this.context.destination);
    gain.gain.setTargetAtTime(0.16, now, 0.004);
    tone.start(now);
    this.voice = { tone, gain };
    if (ms !== null) {
      gain.gain.setTargetAtTime(0, now + ms / 1000, 0.01);
      tone.stop(now + ms / 1000 + 0.1);
    }
  }
}
