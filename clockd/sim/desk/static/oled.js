// The display, pixel for pixel: each of its pixels is a whole number of the screen's pixels.

const WIDTH = 128;
const HEIGHT = 64;
const LIT = "#d3ebff";

export class Oled {
  constructor(canvas, glass) {
    this.canvas = canvas;
    this.glass = glass;
    this.bits = null;
    new ResizeObserver(() => this.draw()).observe(glass);
  }

  show(frame) {
    this.bits = frame === null ? null : Uint8Array.from(atob(frame), (letter) => letter.charCodeAt(0));
    this.draw();
  }

  draw() {
    const ratio = window.devicePixelRatio || 1;
    const box = getComputedStyle(this.glass);
    const room = this.glass.clientWidth - parseFloat(box.paddingLeft) - parseFloat(box.paddingRight);
    const size = Math.max(1, Math.floor((room * ratio) / WIDTH));
    const { canvas } = this;
    canvas.width = WIDTH * size;
    canvas.height = HEIGHT * size;
    canvas.style.width = `${canvas.width / ratio}px`;
    canvas.style.height = `${canvas.height / ratio}px`;
    const pen = canvas.getContext("2d");
    pen.fillStyle = LIT;
    let lit = 0;
    for (let y = 0; this.bits && y < HEIGHT; y += 1) {
      for (let x = 0; x < WIDTH; x += 1) {
        if (this.bits[(y * WIDTH + x) >> 3] & (0x80 >> (x & 7))) {
          pen.fillRect(x * size, y * size, size, size);
          lit += 1;
        }
      }
    }
    if (size > 2) this.mesh(pen, size);
    canvas.dataset.lit = String(lit);
  }

  // The dark mesh between the pixels of a real panel.
  mesh(pen, size) {
    pen.globalCompositeOperation = "destination-out";
    pen.fillStyle = "rgb(0 0 0 / 0.3)";
    for (let x = 1; x <= WIDTH; x += 1) pen.fillRect(x * size - 1, 0, 1, HEIGHT * size);
    for (let y = 1; y <= HEIGHT; y += 1) pen.fillRect(0, y * size - 1, WIDTH * size, 1);
    pen.globalCompositeOperation = "source-over";
  }
}
